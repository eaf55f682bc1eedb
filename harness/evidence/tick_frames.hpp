// Raw ticks of one trial as bytes: delta varints in one zstd frame. Deltas are modulo 2^64, so that a clock which wraps
// or steps back is kept as it was read.
//
// Payload: varint blocks; for each block the zigzag varints first - (last of the block before, 0 at the start),
// last - first, count of repeat ends (not zigzag), each repeat end - the one before (first at the start).
#pragma once

#include <string>
#include <string_view>

#include "harness/evidence/bundle.hpp"

namespace geomsu {

inline constexpr std::uint64_t kMaxTickPayload = 256u << 20;

bool has_ticks(const TrialTicks& ticks);
// Error kInternal where first, last and repeat_ends differ in length.
std::string encode_ticks(const TrialTicks& ticks);
// Error kBadData naming `where`: no frame, over the limit, cut short, or bytes left over.
TrialTicks decode_ticks(std::string_view frame, const std::string& where);

}  // namespace geomsu
