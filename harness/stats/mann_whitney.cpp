#include "harness/stats/mann_whitney.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include <boost/math/special_functions/erf.hpp>

#include "harness/stats/boost_policy.hpp"

namespace geomsu::stats {
namespace {

bool exact(std::size_t m, std::size_t n) { return m <= kExactMannWhitney && n <= kExactMannWhitney; }

// P(U = u) for u = 0 to `most`, from P[m, n](u) = m / (m + n) P[m - 1, n](u - n) + n / (m + n) P[m, n - 1](u): the
// largest of all is of the first sample, or of the second. Every term is positive, so nothing cancels.
std::vector<long double> masses(std::size_t m, std::size_t n, std::size_t most) {
  std::vector<std::vector<long double>> row(n + 1, std::vector<long double>(most + 1, 0));
  for (auto& start : row) start[0] = 1;  // of no first sample U is 0
  for (std::size_t i = 1; i <= m; ++i) {
    // row[0] stays: of no second sample U is 0.
    for (std::size_t j = 1; j <= n; ++j) {
      const auto both = static_cast<long double>(i + j);
      const long double first = static_cast<long double>(i) / both, second = static_cast<long double>(j) / both;
      std::vector<long double>& now = row[j];  // still of i - 1 first samples
      for (std::size_t u = std::min(most, i * j) + 1; u-- > 0;) {
        now[u] = (u >= j ? first * now[u - j] : 0) + second * row[j - 1][u];
      }
    }
  }
  return std::move(row[n]);
}

struct Normal {
  double mean = 0, deviation = 0;
};
Normal normal_of(std::size_t m, std::size_t n) {
  const auto a = static_cast<double>(m), b = static_cast<double>(n);
  return {a * b / 2, std::sqrt(a * b * (a + b + 1) / 12)};
}

double normal_tail(const Normal& of, double u) {
  return std::erfc((of.mean - u - 0.5) / of.deviation / std::numbers::sqrt2) / 2;
}

}  // namespace

double mann_whitney_tail(std::size_t m, std::size_t n, std::size_t u) {
  if (m == 0 || n == 0) return std::numeric_limits<double>::quiet_NaN();
  if (u >= m * n) return 1;
  if (!exact(m, n)) return normal_tail(normal_of(m, n), static_cast<double>(u));
  long double tail = 0;
  for (const long double mass : masses(m, n, u)) tail += mass;
  return std::min(1.0, static_cast<double>(tail));
}

std::optional<PairRank> mann_whitney_rank(std::size_t m, std::size_t n, double confidence) {
  if (m == 0 || n == 0 || !(confidence >= 0.5 && confidence < 1)) return std::nullopt;
  PairRank result;
  if (exact(m, n)) {
    long double tail = 0;
    for (const long double mass : masses(m, n, m * n / 2)) {
      tail += mass;
      const double level = 1.0 - static_cast<double>(tail);
      if (level < confidence) break;
      result = {result.rank + 1, level};
    }
  } else {
    const Normal of = normal_of(m, n);
    const double z = std::numbers::sqrt2 * boost::math::erfc_inv(2 * (1 - confidence), Quiet());
    const double least = std::floor(of.mean - z * of.deviation - 0.5);
    if (least >= 0) result.rank = static_cast<std::size_t>(least) + 1;
    // The inverse may be a hair off; the tail decides.
    while (result.rank > 0 && 1 - normal_tail(of, static_cast<double>(result.rank - 1)) < confidence) --result.rank;
    if (result.rank > 0) result.level = 1 - normal_tail(of, static_cast<double>(result.rank - 1));
  }
  if (result.rank == 0) return std::nullopt;
  return result;
}

}  // namespace geomsu::stats
