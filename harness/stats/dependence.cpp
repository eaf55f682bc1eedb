#include "harness/stats/dependence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include <boost/math/special_functions/gamma.hpp>

#include "harness/stats/boost_policy.hpp"
#include "harness/stats/order.hpp"

namespace geomsu::stats {
namespace {

constexpr std::size_t kSlopeSamples = 600;

bool all_finite(std::span<const double> samples) {
  return std::all_of(samples.begin(), samples.end(), [](double x) { return std::isfinite(x); });
}

// Sum over runs of equal values of f(length).
template <typename Function>
double over_ties(std::vector<double> values, Function f) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t j = i;
    while (j < values.size() && values[j] == values[i]) ++j;
    sum += f(static_cast<double>(j - i));
    i = j;
  }
  return sum;
}

// Pairs i < j with x[i] > x[j], while sorting: O(n log n).
std::uint64_t inversions(std::vector<double>& x, std::vector<double>& room, std::size_t from, std::size_t to) {
  if (to - from < 2) return 0;
  const std::size_t middle = from + (to - from) / 2;
  std::uint64_t count = inversions(x, room, from, middle) + inversions(x, room, middle, to);
  std::size_t left = from, right = middle, out = from;
  while (left < middle || right < to) {
    if (right == to || (left < middle && x[left] <= x[right])) {
      room[out++] = x[left++];
    } else {
      count += middle - left;
      room[out++] = x[right++];
    }
  }
  std::copy(room.begin() + static_cast<std::ptrdiff_t>(from), room.begin() + static_cast<std::ptrdiff_t>(to),
            x.begin() + static_cast<std::ptrdiff_t>(from));
  return count;
}

double theil_sen(std::span<const double> times, std::span<const double> samples) {
  std::vector<std::size_t> picked;
  const std::size_t n = samples.size(), kept = std::min(n, kSlopeSamples);
  for (std::size_t i = 0; i < kept; ++i) picked.push_back(kept == n ? i : i * (n - 1) / (kept - 1));
  std::vector<double> slopes;
  slopes.reserve(kept * (kept - 1) / 2);
  for (std::size_t i = 0; i < kept; ++i) {
    for (std::size_t j = i + 1; j < kept; ++j) {
      slopes.push_back((samples[picked[j]] - samples[picked[i]]) / (times[picked[j]] - times[picked[i]]));
    }
  }
  return median(slopes);
}

}  // namespace

std::vector<double> thinned(std::span<const double> samples, std::size_t k) {
  std::vector<double> kept;
  for (std::size_t i = 0; i < samples.size(); i += std::max<std::size_t>(1, k)) kept.push_back(samples[i]);
  return kept;
}

std::optional<double> lag1_autocorrelation(std::span<const double> samples) {
  if (samples.size() < 3 || !all_finite(samples)) return std::nullopt;
  const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
  double along = 0, square = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double from_mean = samples[i] - mean;
    square += from_mean * from_mean;
    if (i + 1 < samples.size()) along += from_mean * (samples[i + 1] - mean);
  }
  const bool equal = std::all_of(samples.begin(), samples.end(), [&](double x) { return x == samples.front(); });
  if (equal || square == 0) return std::nullopt;
  return along / square;
}

// The incomplete gamma function of half of each.
double chi_square_tail(double x, unsigned degrees) {
  if (degrees == 0 || std::isnan(x)) return std::numeric_limits<double>::quiet_NaN();
  if (x <= 0) return 1;
  if (std::isinf(x)) return 0;
  return boost::math::gamma_q(degrees / 2.0, x / 2, Quiet());
}

std::optional<KruskalWallis> kruskal_wallis(std::span<const std::vector<double>> groups) {
  std::vector<std::pair<double, std::size_t>> all;  // value, group
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (groups[group].empty() || !all_finite(groups[group])) return std::nullopt;
    for (const double value : groups[group]) all.emplace_back(value, group);
  }
  if (groups.size() < 2) return std::nullopt;
  std::sort(all.begin(), all.end());
  const auto n = static_cast<double>(all.size());
  std::vector<double> rank_sums(groups.size(), 0), values;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t j = i;
    while (j < all.size() && all[j].first == all[i].first) ++j;
    const double rank = static_cast<double>(i + 1 + j) / 2;  // the mean of ranks i + 1 to j
    for (; i < j; ++i) rank_sums[all[i].second] += rank;
  }
  for (const auto& [value, group] : all) values.push_back(value);
  const double ties = over_ties(values, [](double t) { return t * t * t - t; });
  const double correction = 1 - ties / (n * n * n - n);
  if (!(correction > 0)) return std::nullopt;
  // From the mean rank, so that equal groups give 0 and not what is left of two large sums.
  double h = 0;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const auto size = static_cast<double>(groups[group].size());
    const double from_mean = rank_sums[group] / size - (n + 1) / 2;
    h += size * from_mean * from_mean;
  }
  h = 12 / (n * (n + 1)) * h / correction;
  return KruskalWallis{h, chi_square_tail(h, static_cast<unsigned>(groups.size() - 1))};
}

std::optional<Trend> trend(std::span<const double> times, std::span<const double> samples) {
  const std::size_t n = samples.size();
  if (n < 4 || times.size() != n || !all_finite(times) || !all_finite(samples)) return std::nullopt;
  for (std::size_t i = 1; i < n; ++i) {
    if (!(times[i] > times[i - 1])) return std::nullopt;
  }
  std::vector<double> x(samples.begin(), samples.end()), room(n);
  const double tied = over_ties(x, [](double t) { return t * (t - 1) / 2; });
  const double tied_variance = over_ties(x, [](double t) { return t * (t - 1) * (2 * t + 5); });
  const auto falling = static_cast<double>(inversions(x, room, 0, n));
  const auto count = static_cast<double>(n);
  const double s = count * (count - 1) / 2 - tied - 2 * falling;
  const double variance = (count * (count - 1) * (2 * count + 5) - tied_variance) / 18;
  Trend result{theil_sen(times, samples), 1};
  if (!(variance > 0) || s == 0) return result;
  const double z = (std::abs(s) - 1) / std::sqrt(variance);
  result.p = std::erfc(z / std::numbers::sqrt2);
  return result;
}

}  // namespace geomsu::stats
