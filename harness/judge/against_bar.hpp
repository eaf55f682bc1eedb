// Bounds against the bar: the outcome, its words, and how surprising the numbers are of a unit that meets it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "harness/contract/contract.hpp"
#include "harness/model/verdict.hpp"
#include "harness/stats/order.hpp"

namespace geomsu {

std::string bar_words(const Clause& clause);  // "at least 100.0 GFLOP/s", "between 1.000 and 2.000 s"

// What an undecided clause comes to, and what is to be done: FAIL where the contract rejects it.
Outcome undecided_outcome(const Clause& clause);
std::string_view undecided_words(const Clause& clause);

// What the bounds say of the bar. `more`: what the words of an undecided row add.
void judge_bounds(const Clause& clause, double lower, double upper, ClauseRow& row, std::string_view more = {});

// The chance of at least so many values beyond the bar from a unit that meets it, times the looks (Bonferroni), at most
// 1. Of `between` the less probable side, times the two sides. NaN of observed extremes.
double fail_probability(const Clause& clause, stats::Statistic statistic, std::span<const double> values,
                        std::uint32_t looks);

}  // namespace geomsu
