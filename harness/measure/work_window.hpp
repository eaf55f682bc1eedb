// Work that a device could have done outside its timed block: before the agreed start, after the seed was revealed, or
// only once an answer was asked for. Pure: times in ns by the host's clock, words out.
//
// Trap: one late answer is other load on the host; only what is late in most blocks is the device.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace geomsu {

// A device that begins when the request comes, and not at its `start_at`, shortens the first block by the lead.
struct EarlyStart {
  bool invalid = false;  // else a finding
  std::string words;
};
// first_ns, others_ns: walls of the first judged block and of the other ones; fastest_ns: of all blocks of the same
// length that had no `start_at`, warm-up and replay too. Invalid: shorter by half the lead and under 0.6 of the
// fastest. A finding: shorter by half the lead where the others differ by less than a quarter of it.
std::optional<EarlyStart> early_start(std::int64_t first_ns, std::span<const std::int64_t> others_ns,
                                      std::int64_t fastest_ns, std::int64_t lead_ns);

// One digest, asked right after the block and then again.
struct AskedTwice {
  std::int64_t first_ns = 0, again_ns = 0, block_ns = 0;
};
// Words where, in the median of the blocks, the first answer takes at least 4 times as long as the same answer again,
// 20 ms more, and a quarter of the block more: the work was done when asked for. Needs three blocks.
std::optional<std::string> answered_late(std::span<const AskedTwice> blocks);

// The same of one block, over the operand sets that were asked about and asked about again: ns a set. Words where in
// the median of at least three sets the first answer takes 4 times as long, and over all sets that is 20 ms and a
// quarter of the block. One set that is late is the host's own noise.
std::optional<std::string> answered_late_by_sets(std::span<const std::int64_t> first_ns,
                                                 std::span<const std::int64_t> again_ns, std::int64_t block_ns);

inline constexpr double kHiddenShare = 0.5;
// Words where the reseed and the answers about all `asked` of `sets` operand sets took over half of the block.
std::optional<std::string> hidden_window(std::int64_t window_ns, std::int64_t block_ns, std::uint64_t asked,
                                         std::uint64_t sets);

}  // namespace geomsu
