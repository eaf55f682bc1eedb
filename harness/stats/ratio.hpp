// How much faster one thing is than another that was timed beside it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace geomsu::stats {

struct RatioInterval {
  double ratio = 0;  // median of a[i] / b[i]
  double lower = 0;
  double upper = 0;
  std::size_t pairs = 0;
};

// The median of the ratios of pairs taken one after the other, with its two-sided distribution-free interval: one-sided
// bounds at (1 + confidence) / 2 each. Pairing cancels what drifts slowly (clock, temperature, neighbours); the ratio
// of two medians would not. Nothing where the lengths differ, a ratio is not finite (a zero in b), the confidence is
// outside (0, 1), or there are too few pairs for the interval to exist (6 at 95 %).
std::optional<RatioInterval> paired_ratio(std::span<const double> a, std::span<const double> b, double confidence);

}  // namespace geomsu::stats
