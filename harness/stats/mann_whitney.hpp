// The distribution of the Mann-Whitney statistic U of two samples of one distribution without ties: of all m n pairs,
// how many have the first sample's number over the second's. It gives the ranks of the Hodges-Lehmann interval.
#pragma once

#include <cstddef>
#include <optional>

namespace geomsu::stats {

// Up to so many samples on each side the distribution is exact; beyond that it is normal, with the correction for
// continuity.
inline constexpr std::size_t kExactMannWhitney = 50;

// P(U <= u) for sample sizes m and n. Mann & Whitney, "On a Test of Whether one of Two Random Variables is
// Stochastically Larger than the Other", Annals of Mathematical Statistics 18 (1947). NaN where m or n is 0.
double mann_whitney_tail(std::size_t m, std::size_t n, std::size_t u);

struct PairRank {
  std::size_t rank = 0;
  double level = 0;  // 1 - P(U <= rank - 1)
};
// The largest k with P(U <= k - 1) <= 1 - confidence: the k-th smallest of all m n differences is the one-sided lower
// bound of the shift, the k-th largest the upper one. Nothing where there is none (three samples a side at 97.5 %), or
// the confidence is outside [0.5, 1).
std::optional<PairRank> mann_whitney_rank(std::size_t m, std::size_t n, double confidence);

}  // namespace geomsu::stats
