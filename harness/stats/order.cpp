#include "harness/stats/order.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "harness/stats/binomial.hpp"

namespace geomsu::stats {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::pair<Statistic, std::string_view>, 5> kNames{{{Statistic::kMedian, "median"},
                                                                        {Statistic::kP05, "p05"},
                                                                        {Statistic::kP95, "p95"},
                                                                        {Statistic::kMin, "min"},
                                                                        {Statistic::kMax, "max"}}};

struct Rank {
  std::size_t rank = 0;  // 0: there is none
  double level = 0;
};

// The largest r with P(X <= r - 1) <= 1 - confidence, for masses given from 0 or from where they begin to count.
template <typename Iterator>
Rank largest_rank(Iterator mass, Iterator end, std::size_t first, double confidence) {
  Rank result;
  long double tail = 0;
  for (std::size_t r = first + 1; mass != end; ++mass, ++r) {
    tail += *mass;
    const double level = 1.0 - static_cast<double>(tail);
    if (level < confidence) break;
    result = {r, level};
  }
  return result;
}

bool any_nan(std::span<const double> samples) {
  return std::any_of(samples.begin(), samples.end(), [](double x) { return std::isnan(x); });
}

std::vector<double> sorted(std::span<const double> samples) {
  std::vector<double> copy(samples.begin(), samples.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

double median_of_sorted(const std::vector<double>& x) {
  const std::size_t half = x.size() / 2;
  return x.size() % 2 == 1 ? x[half] : std::midpoint(x[half - 1], x[half]);
}

double quantile_of_sorted(const std::vector<double>& x, double q) {
  const double h = static_cast<double>(x.size() - 1) * q;
  const auto low = std::min(static_cast<std::size_t>(h), x.size() - 1);
  const auto high = std::min(low + 1, x.size() - 1);
  const double part = h - static_cast<double>(low);
  if (part == 0 || x[low] == x[high]) return x[low];
  return std::lerp(x[low], x[high], part);
}

}  // namespace

std::string_view to_string(Statistic statistic) {
  for (const auto& [value, name] : kNames) {
    if (value == statistic) return name;
  }
  return "unknown";
}

std::optional<Statistic> parse_statistic(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

double quantile_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::kMedian:
      return 0.5;
    case Statistic::kP05:
      return 0.05;
    case Statistic::kP95:
      return 0.95;
    case Statistic::kMin:
      return 0;
    case Statistic::kMax:
      return 1;
  }
  return kNan;
}

std::optional<BoundRanks> bound_ranks(double q, std::size_t n, double confidence) {
  if (!(confidence >= 0.5 && confidence < 1) || !(q >= 0 && q <= 1) || n == 0) return std::nullopt;
  if (q == 0) return BoundRanks{1, 1, 1, 1};
  if (q == 1) return BoundRanks{n, n, 1, 1};
  const Binomial x = binomial(n, q);
  const Rank lower = largest_rank(x.mass.begin(), x.mass.end(), x.first, confidence);
  // P(X <= s - 1) = P(n - X >= n - s + 1): the upper bound is the lower one of the samples counted from the other end.
  const std::size_t left_out = n + 1 - x.first - x.mass.size();
  const Rank mirrored = largest_rank(x.mass.rbegin(), x.mass.rend(), left_out, confidence);
  if (lower.rank == 0 || mirrored.rank == 0) return std::nullopt;
  return BoundRanks{lower.rank, n + 1 - mirrored.rank, lower.level, mirrored.level};
}

std::optional<BoundRanks> bound_ranks(Statistic statistic, std::size_t n, double confidence) {
  return bound_ranks(quantile_of(statistic), n, confidence);
}

// Both bounds exist where the extremes are bounds: max(q, 1 - q)^n <= 1 - confidence. The logarithms say where; the
// ranks themselves say which side of it.
std::size_t smallest_n(double q, double confidence) {
  constexpr double kMost = 1e15;
  if (!(confidence >= 0.5 && confidence < 1) || !(q >= 0 && q <= 1)) return 0;
  if (q == 0 || q == 1) return 1;
  const double near = std::ceil(std::log1p(-confidence) / (q < 0.5 ? std::log1p(-q) : std::log(q)));
  if (!(near < kMost)) return 0;
  auto n = std::max<std::size_t>(1, static_cast<std::size_t>(near));
  while (n > 1 && bound_ranks(q, n - 1, confidence)) --n;
  while (!bound_ranks(q, n, confidence)) ++n;
  return n;
}

std::size_t smallest_n(Statistic statistic, double confidence) {
  return smallest_n(quantile_of(statistic), confidence);
}

std::optional<Bounds> bounds(double q, std::span<const double> samples, const BoundRanks& ranks) {
  const std::size_t n = samples.size();
  if (!(q >= 0 && q <= 1) || ranks.lower == 0 || ranks.upper < ranks.lower || ranks.upper > n) return std::nullopt;
  if (!std::all_of(samples.begin(), samples.end(), [](double x) { return std::isfinite(x); })) return std::nullopt;
  const std::vector<double> x = sorted(samples);
  const double estimate = q == 0.5 ? median_of_sorted(x) : quantile_of_sorted(x, q);
  return Bounds{x[ranks.lower - 1], x[ranks.upper - 1], estimate, ranks.lower_level, ranks.upper_level};
}

std::optional<Bounds> bounds(double q, std::span<const double> samples, double confidence) {
  const std::optional<BoundRanks> ranks = bound_ranks(q, samples.size(), confidence);
  return ranks ? bounds(q, samples, *ranks) : std::nullopt;
}

std::optional<Bounds> bounds(Statistic statistic, std::span<const double> samples, double confidence) {
  return bounds(quantile_of(statistic), samples, confidence);
}

double median(std::span<const double> samples) {
  if (samples.empty() || any_nan(samples)) return kNan;
  return median_of_sorted(sorted(samples));
}

double quantile(std::span<const double> samples, double q) {
  if (samples.empty() || any_nan(samples) || !(q >= 0 && q <= 1)) return kNan;
  return quantile_of_sorted(sorted(samples), q);
}

}  // namespace geomsu::stats
