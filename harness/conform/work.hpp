// A longer session with one workload: blocks, readings of the clock between them, the device before and after. What the
// rules of clock and device are judged by. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/conform/stand.hpp"
#include "harness/measure/clock_audit.hpp"

namespace geomsu::conform {

// Repeats of a block that takes about `wanted_ns` by the session's clock; at least 1.
std::uint64_t repeats_for(Wire& wire, const Prepared& prepared, std::int64_t wanted_ns);

struct ClockReadings {
  DeviceClock clock;
  std::vector<protocol::ClockPair> pairs;  // over 6 s at least, blocks between them
};
ClockReadings read_clock(Stand& stand);

struct TimedBlocks {
  DeviceClock clock;
  std::vector<protocol::Span> spans;
  std::vector<WallBlock> walls;
};
TimedBlocks time_blocks(Stand& stand);

// 64 blocks: short ones, or of half a second where time is scripted or --long was given.
Work soak(Stand& stand);

}  // namespace geomsu::conform
