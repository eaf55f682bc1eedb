#include "harness/stats/fleet.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

#include "harness/stats/order.hpp"

namespace geomsu::stats {
namespace {

// 1 / Phi^-1(3/4): MAD of a normal distribution to its standard deviation.
constexpr double kNormalMad = 1.4826022185056018;

bool all_finite(std::span<const double> samples) {
  return std::all_of(samples.begin(), samples.end(), [](double x) { return std::isfinite(x); });
}

double mean_distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += std::abs(static_cast<double>(a[k]) - static_cast<double>(b[k]));
  return sum / static_cast<double>(a.size());
}

}  // namespace

std::optional<double> mad(std::span<const double> samples) {
  if (samples.empty() || !all_finite(samples)) return std::nullopt;
  const double middle = median(samples);
  std::vector<double> away;
  away.reserve(samples.size());
  for (const double x : samples) away.push_back(std::abs(x - middle));
  return median(away);
}

std::vector<std::optional<double>> robust_z(std::span<const double> samples) {
  std::vector<std::optional<double>> z(samples.size());
  std::vector<double> finite;
  finite.reserve(samples.size());
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(finite), [](double x) { return std::isfinite(x); });
  const std::optional<double> spread = mad(finite);
  if (!spread || !(*spread > 0) || !std::isfinite(*spread)) return z;
  const double middle = median(finite), scale = kNormalMad * *spread;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (const double found = (samples[i] - middle) / scale; std::isfinite(found)) z[i] = found;
  }
  return z;
}

double wasserstein1(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty() || !all_finite(a) || !all_finite(b)) return std::numeric_limits<double>::quiet_NaN();
  // Steps of both quantile functions, in units of 1 / (a.size() b.size()): whole numbers, so no step is lost or
  // doubled.
  double sum = 0;
  std::uint64_t at = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const std::uint64_t end_a = static_cast<std::uint64_t>(i + 1) * b.size();
    const std::uint64_t end_b = static_cast<std::uint64_t>(j + 1) * a.size();
    const std::uint64_t end = std::min(end_a, end_b);
    sum += std::abs(a[i] - b[j]) * static_cast<double>(end - at);
    at = end;
    if (end == end_a) ++i;
    if (end == end_b) ++j;
  }
  return sum / static_cast<double>(at);
}

std::optional<Cohort> cohort(std::span<const float> sketches, std::size_t width) {
  if (width == 0 || sketches.size() % width != 0) return std::nullopt;
  const std::size_t units = sketches.size() / width;
  const auto sketch = [&](std::size_t unit) { return sketches.subspan(unit * width, width); };
  std::vector<std::size_t> usable;
  for (std::size_t unit = 0; unit < units; ++unit) {
    const auto of = sketch(unit);
    if (std::all_of(of.begin(), of.end(), [](float x) { return std::isfinite(x); })) usable.push_back(unit);
  }
  if (usable.empty()) return std::nullopt;

  std::vector<double> sums(units, 0);
  std::vector<std::pair<float, std::size_t>> level(usable.size());
  const auto n = static_cast<double>(usable.size());
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t i = 0; i < usable.size(); ++i) level[i] = {sketch(usable[i])[k], usable[i]};
    std::sort(level.begin(), level.end());
    const auto value = [&](std::size_t i) { return static_cast<double>(level[i].first); };
    double sum = 0;  // of the least one's distances to all
    for (std::size_t i = 1; i < level.size(); ++i) sum += value(i) - value(0);
    sums[level[0].second] += sum;
    for (std::size_t i = 1; i < level.size(); ++i) {
      // One step up: i units come so much further away, n - i so much nearer.
      sum += (2 * static_cast<double>(i) - n) * (value(i) - value(i - 1));
      sums[level[i].second] += sum;
    }
  }
  Cohort result;
  result.medoid = *std::min_element(usable.begin(), usable.end(), [&](std::size_t a, std::size_t b) {
    if (sums[a] != sums[b]) return sums[a] < sums[b];
    const auto of_a = sketch(a), of_b = sketch(b);
    return std::lexicographical_compare(of_a.begin(), of_a.end(), of_b.begin(), of_b.end());
  });
  const auto typical = sketch(result.medoid);
  result.distances.resize(units);
  const double scale = mean_distance(typical, std::vector<float>(width, 0));
  if (!(scale > 0)) return result;
  for (const std::size_t unit : usable) result.distances[unit] = mean_distance(sketch(unit), typical) / scale;
  return result;
}

}  // namespace geomsu::stats
