#include "harness/stats/holm.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace geomsu::stats {
namespace {

// Indices of those that are numbers, by p; equal ones by their place, so that the order is one.
std::vector<std::size_t> by_p(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return p[a] < p[b] || (p[a] == p[b] && a < b); });
  return order;
}

}  // namespace

std::vector<bool> holm_rejects(std::span<const double> p, double alpha) {
  std::vector<bool> rejected(p.size(), false);
  if (!(alpha > 0 && alpha < 1)) return rejected;
  std::size_t left = p.size();
  for (const std::size_t i : by_p(p)) {
    if (p[i] > alpha / static_cast<double>(left)) break;
    rejected[i] = true;
    --left;
  }
  return rejected;
}

std::vector<double> holm_adjusted(std::span<const double> p) {
  std::vector<double> adjusted(p.size(), std::numeric_limits<double>::quiet_NaN());
  std::size_t left = p.size();
  double most = 0;
  for (const std::size_t i : by_p(p)) {
    most = std::max(most, p[i] * static_cast<double>(left--));
    adjusted[i] = std::min(1.0, most);
  }
  return adjusted;
}

}  // namespace geomsu::stats
