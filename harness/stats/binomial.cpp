#include "harness/stats/binomial.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace geomsu::stats {

Binomial binomial(std::size_t n, double p, long double negligible) {
  const long double odds = static_cast<long double>(p) / (1.0L - static_cast<long double>(p));
  const auto mode = std::min(n, static_cast<std::size_t>(static_cast<double>(n + 1) * p));
  std::vector<long double> below;
  long double term = 1;
  for (std::size_t k = mode; k > 0 && term > negligible; --k) {
    term *= static_cast<long double>(k) / (static_cast<long double>(n - k + 1) * odds);
    below.push_back(term);
  }
  Binomial result{mode - below.size(), {below.rbegin(), below.rend()}};
  result.mass.push_back(1);
  term = 1;
  for (std::size_t k = mode; k < n && term > negligible; ++k) {
    term *= static_cast<long double>(n - k) * odds / static_cast<long double>(k + 1);
    result.mass.push_back(term);
  }
  // Small terms first.
  std::vector<long double> sorted = result.mass;
  std::sort(sorted.begin(), sorted.end());
  const long double total = std::accumulate(sorted.begin(), sorted.end(), 0.0L);
  for (long double& mass : result.mass) mass /= total;
  return result;
}

double binomial_upper_tail(std::size_t n, double p, std::size_t k) {
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (k == 0) return 1;
  if (k > n || p == 0) return 0;
  if (p == 1) return 1;
  const Binomial x = binomial(n, p, 0);
  // From the far end, small terms first.
  long double tail = 0;
  for (std::size_t i = x.mass.size(); i > 0 && x.first + i > k; --i) tail += x.mass[i - 1];
  return std::min(1.0, static_cast<double>(tail));
}

}  // namespace geomsu::stats
