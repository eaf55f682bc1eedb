#include "harness/stats/characteristic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace geomsu::stats {

double twelve_digits(double value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 64> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 11);
  double rounded = value;
  std::from_chars(text.data(), written.ptr, rounded);
  return rounded;
}

std::optional<std::uint32_t> least_accepted_within(std::uint32_t lot, const CharacteristicAt& at, double probability) {
  if (!(at(lot).accepted <= probability)) return std::nullopt;
  std::uint32_t no = 0, yes = lot;  // nothing under `no` is accepted so rarely
  while (no < yes) {
    const std::uint32_t middle = no + (yes - no) / 2;
    if (at(middle).accepted <= probability) {
      yes = middle;
    } else {
      no = middle + 1;
    }
  }
  return yes;
}

std::vector<CharacteristicPoint> characteristic(std::uint32_t lot, const CharacteristicAt& at,
                                                std::span<const std::uint32_t> always) {
  constexpr double kNever = 1e-4;
  constexpr std::uint32_t kSteps = 128;
  const std::uint32_t last = least_accepted_within(lot, at, kNever).value_or(lot), steps = std::min(last, kSteps);
  std::set<std::uint32_t> counts{0};
  for (std::uint32_t i = 1; i <= steps; ++i) counts.insert(static_cast<std::uint32_t>(std::uint64_t{last} * i / steps));
  for (const std::uint32_t count : always) counts.insert(std::min(count, lot));
  std::vector<CharacteristicPoint> points;
  for (const std::uint32_t count : counts) {
    CharacteristicPoint point = at(count);
    point.nonconforming = count;
    point.accepted = twelve_digits(point.accepted);
    if (point.expected) point.expected = twelve_digits(*point.expected);
    points.push_back(point);
  }
  return points;
}

}  // namespace geomsu::stats
