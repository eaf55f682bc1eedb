// Telemetry that falls silent while it matters. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/model/device.hpp"

namespace geomsu {

// Words that name the quantities which were there before the trial and are missing after it.
std::optional<std::string> telemetry_missing(const std::optional<Telemetry>& before,
                                             const std::optional<Telemetry>& after);

// How many readings came unasked, and over how long.
struct NoteRate {
  std::uint64_t count = 0;
  std::int64_t over_ns = 0;
};
// Words where readings came before the blocks and none came while blocks ran for long enough that ten were due.
std::optional<std::string> telemetry_silent(const NoteRate& before, const NoteRate& during);

}  // namespace geomsu
