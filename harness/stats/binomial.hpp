// The binomial distribution, summed term by term: what the ranks and levels of order statistics and every p-value of a
// clause are made of.
//
// Not Boost's: its incomplete beta is good to some 1e-14 in double, and a level that is exactly the confidence asked
// for (1 - 2^-5) must not come out a hair under it. The tests hold the two against each other.
#pragma once

#include <cstddef>
#include <vector>

namespace geomsu::stats {

// Probabilities of Binomial(n, p), 0 < p < 1, from `first` on; those left out at either end are below `negligible` of
// the mode's.
struct Binomial {
  std::size_t first = 0;
  std::vector<long double> mass;
};

// By the ratio of neighbours outward from the mode, then divided by the sum: every term is positive and none overflows,
// so the error is a few units of the 64-bit mantissa at any n. Sums of log-gamma would lose digits as n grows, and
// lgamma writes a global (signgam).
Binomial binomial(std::size_t n, double p, long double negligible = 1e-40L);

// P(Binomial(n, p) >= k); 1 for k = 0, 0 for k > n. No tail is cut off: a p-value is 0 only where a double cannot hold
// it. p may be 0 or 1. NaN where p is outside [0, 1].
double binomial_upper_tail(std::size_t n, double p, std::size_t k);

}  // namespace geomsu::stats
