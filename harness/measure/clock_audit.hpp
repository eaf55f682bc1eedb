// Whether a device's clock may be believed. Pure functions over readings that the worker tied to the host's clock.
//
// Danger: a device that runs its clock slow looks fast. Its span is judged only where the rate is proved against the
// host's clock and the host's own wall time of the same block leaves no room; else the host's wall time is judged, and
// said.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/model/trial.hpp"
#include "harness/protocol/messages.hpp"

namespace geomsu {

struct DeviceClock {
  std::string domain;  // "host", "device" or "none"
  std::uint64_t ticks_per_second = 0;
  std::uint32_t valid_bits = 64;
};

inline constexpr double kMaxRatePpm = 500;
inline constexpr std::int64_t kMinBaselineNs = 5'000'000'000;

// Ticks between two readings of a counter of `valid_bits`, where about `expected_ns` went by: wraps within the valid
// bits are undone. Negative: the counter stepped back.
double elapsed_ns(const DeviceClock& clock, std::uint64_t first, std::uint64_t last, double expected_ns);

// Rate over the widest pair at least kMinBaselineNs apart. Broken: a rate outside kMaxRatePpm, a backward step, or bits
// set beyond the declared ones. Unproved: no clock, or no such pair.
ClockAudit audit_clock(const DeviceClock& clock, std::span<const protocol::ClockPair> pairs);

// What the host knows of one block: when it could begin at the earliest, and how long the answer took from there.
struct WallBlock {
  std::int64_t start_raw_ns = 0, wall_ns = 0;
};

// Spans of blocks in ns by the device's clock; nullopt where a span is backward, beyond its bits, or longer than the
// wall time by more than 1 % + 2 ms (a block cannot take longer than the host waited for it). `why` says which.
std::optional<std::vector<std::int64_t>> device_spans(const DeviceClock& clock, std::span<const protocol::Span> spans,
                                                      std::span<const WallBlock> walls, std::string* why);

// What judged wall times are less by: the cost of an empty submission, or 0 where that is over 1 % of any block.
// Danger: the worker decides how long its empty submission takes.
std::int64_t taken_off_ns(std::int64_t empty_submit_ns, std::span<const std::int64_t> wall_ns);

// wall - span <= 1 % of wall + 2 ms, on every block.
bool spans_agree(std::span<const std::int64_t> device_ns, std::span<const std::int64_t> wall_ns);

}  // namespace geomsu
