// What the time of a block that was run again says of the judged ones. Pure: times in ns by the host's clock, words
// out.
//
// Trap: a replay that is slower is a finding only, for other load slows it too; one that is several times faster has no
// honest cause.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace geomsu {

inline constexpr std::int64_t kReplayJudgedFromNs = 20'000'000;  // shorter blocks are lost in the cost of a message
inline constexpr double kReplayFaster = 4;                       // times: no clock, cache or neighbour explains it
inline constexpr double kReplaySlower = 1.2;
inline constexpr double kLoadSlower = 1.5;  // an untimed load pays a wait a chunk, blocks do not

// Words where the replay took under a quarter of the fastest judged block: what came back was not computed again, or
// the judged blocks were slower than they need be.
std::optional<std::string> replay_too_fast(std::int64_t replay_ns, std::span<const std::int64_t> blocks_ns);
// Words where it took over 1.2 times the slowest judged block: fast only while judged.
std::optional<std::string> replay_slower(std::int64_t replay_ns, std::span<const std::int64_t> blocks_ns);
// Words where a repeat of the same workload under untimed load took over 1.5 times one of the slowest judged block.
std::optional<std::string> load_slower(double load_repeat_ns, std::uint64_t repeats,
                                       std::span<const std::int64_t> blocks_ns);

}  // namespace geomsu
