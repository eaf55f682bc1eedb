// How surprising a clause's samples are if the unit meets its bar: the p-value that Holm's procedure wants.
#pragma once

#include <cstddef>
#include <span>

#include "harness/stats/order.hpp"

namespace geomsu::stats {

// The chance that a unit whose q-quantile lies exactly on the bar has at least as many samples beyond it as these: of
// an `at_least` clause, P(Binomial(n, q) >= number of samples under the bar); else P(Binomial(n, 1 - q) >= number over
// it). A unit that is better has a smaller chance, so it is an exact p-value of "the unit meets the bar", whatever the
// distribution (a step on the bar makes it only safer). It is at most 1 - confidence exactly where the bound of
// bound_ranks lies beyond the bar: where the look says FAIL. The sign test; Conover, "Practical Nonparametric
// Statistics" (3rd ed.), 3.2. A sample on the bar is not beyond it. Independent samples, n fixed beforehand.
//
// NaN of min and max (an observed extreme is no test), of no samples, where a sample is NaN or infinite, or the bar
// NaN.
double fail_probability(Statistic statistic, std::span<const double> samples, double bar, bool at_least);

// As above, of a count: `beyond` of n samples lie beyond the bar. For who judges many units of one clause and keeps
// the answers by count.
double fail_probability(Statistic statistic, std::size_t n, std::size_t beyond, bool at_least);

}  // namespace geomsu::stats
