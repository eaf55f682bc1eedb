// The operating characteristic of a plan as data: how probably a lot with so many nonconforming items is accepted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace geomsu::stats {

struct CharacteristicPoint {
  std::uint32_t nonconforming = 0;
  double accepted = 0;             // probability, to twelve digits, so that every machine prints the same
  std::optional<double> expected;  // items looked at on average, of sequential plans
};
// For 0 .. lot nonconforming items; `accepted` never rises.
using CharacteristicAt = std::function<CharacteristicPoint(std::uint32_t nonconforming)>;

// From 0 to the first count that is accepted with less than 1e-4 (or the whole lot): every count, or of more than 128
// an even choice of them. `always` are among them.
std::vector<CharacteristicPoint> characteristic(std::uint32_t lot, const CharacteristicAt& at,
                                                std::span<const std::uint32_t> always = {});

// The fewest nonconforming items with which a lot is accepted with at most `probability`; nothing where even a lot of
// nothing else is accepted more often.
std::optional<std::uint32_t> least_accepted_within(std::uint32_t lot, const CharacteristicAt& at, double probability);

double twelve_digits(double value);

}  // namespace geomsu::stats
