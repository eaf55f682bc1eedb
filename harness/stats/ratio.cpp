#include "harness/stats/ratio.hpp"

#include <vector>

#include "harness/stats/order.hpp"

namespace geomsu::stats {

std::optional<RatioInterval> paired_ratio(std::span<const double> a, std::span<const double> b, double confidence) {
  if (a.size() != b.size() || !(confidence > 0 && confidence < 1)) return std::nullopt;
  std::vector<double> ratios;
  ratios.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) ratios.push_back(a[i] / b[i]);
  const std::optional<Bounds> found = bounds(Statistic::kMedian, ratios, (1 + confidence) / 2);
  if (!found) return std::nullopt;
  return RatioInterval{found->estimate, found->lower, found->upper, ratios.size()};
}

}  // namespace geomsu::stats
