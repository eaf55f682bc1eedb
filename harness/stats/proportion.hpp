// What a count of good ones among n says of the share.
#pragma once

#include <cstddef>
#include <optional>

namespace geomsu::stats {

struct ShareInterval {
  double share = 0;  // successes / n
  double lower = 0, upper = 0;
};

// Two-sided: one-sided exact bounds at (1 + confidence) / 2 each. Clopper & Pearson, "The Use of Confidence or Fiducial
// Limits Illustrated in the Case of the Binomial", Biometrika 26 (1934). Its cover is never under the confidence, for
// any n and share; it is mostly over it, which is the price of counting. Nothing for n = 0, more successes than n, or a
// confidence outside (0, 1).
std::optional<ShareInterval> clopper_pearson(std::size_t successes, std::size_t n, double confidence);

// One-sided bounds at `confidence`: the share is at least (at most) so much. 0 of no successes and 1 of nothing but
// successes. Nothing where clopper_pearson gives nothing.
std::optional<double> share_at_least(std::size_t successes, std::size_t n, double confidence);
std::optional<double> share_at_most(std::size_t successes, std::size_t n, double confidence);

}  // namespace geomsu::stats
