// When the blocks of a sustained trial start: over fresh workers, and over a span that is long beside a block. Pure;
// the planner, the runner and the judge read the same times from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace geomsu {

// A clause that judges what a device keeps up, and not what it does in one stretch. Under contracted cooling a device
// that throttles after a minute is slower than its first seconds say.
struct Sustained {
  std::uint32_t sessions = 3;              // fresh workers, one after the other
  std::int64_t span_ns = 300'000'000'000;  // of all sessions together; load is kept on between the blocks
  bool operator==(const Sustained&) const = default;
  std::int64_t session_ns() const { return sessions == 0 ? span_ns : span_ns / sessions; }
  std::string words() const;  // "sustained: 3 sessions over 300 s"
};

// Starts of the blocks of one session (from 1), in ns since its first, evenly over the session's share of the span. The
// first `blocks % sessions` sessions have one more. Empty where there is no such session.
std::vector<std::int64_t> session_starts(std::uint32_t blocks, const Sustained& sustained, std::uint32_t session);

}  // namespace geomsu
