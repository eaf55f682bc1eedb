#include "harness/measure/work_window.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace geomsu {
namespace {

constexpr double kEarlyRatio = 0.6;
constexpr std::int64_t kLateFactor = 4, kLateNs = 20'000'000, kLateShare = 4;
constexpr std::size_t kLateBlocks = 3;

double ms(std::int64_t ns) { return static_cast<double>(ns) * 1e-6; }

std::int64_t median(std::vector<std::int64_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::optional<EarlyStart> early_start(std::int64_t first_ns, std::span<const std::int64_t> others_ns,
                                      std::int64_t fastest_ns, std::int64_t lead_ns) {
  if (others_ns.empty() || lead_ns <= 0) return std::nullopt;
  const auto [least, most] = std::minmax_element(others_ns.begin(), others_ns.end());
  const std::int64_t fastest = std::min(fastest_ns, *least);
  if (first_ns >= fastest - lead_ns / 2) return std::nullopt;
  EarlyStart found;
  found.invalid = static_cast<double>(first_ns) < kEarlyRatio * static_cast<double>(fastest);
  if (!found.invalid && *most - *least >= lead_ns / 4) return std::nullopt;
  found.words = fmt::format(
      "the first block, which had to wait {:.0f} ms for its start, took {:.1f} ms after it, the fastest other block "
      "{:.1f} ms: it began before the agreed instant",
      ms(lead_ns), ms(first_ns), ms(fastest));
  return found;
}

std::optional<std::string> answered_late(std::span<const AskedTwice> blocks) {
  if (blocks.size() < kLateBlocks) return std::nullopt;
  std::vector<std::int64_t> first, again, block;
  for (const AskedTwice& asked : blocks) {
    first.push_back(asked.first_ns);
    again.push_back(asked.again_ns);
    block.push_back(asked.block_ns);
  }
  const std::int64_t late = median(std::move(first)), soon = median(std::move(again)), wall = median(std::move(block));
  if (late < kLateFactor * soon || late - soon < kLateNs || (late - soon) * kLateShare < wall) return std::nullopt;
  return fmt::format(
      "the first answer about a block took {:.1f} ms, the same answer again {:.1f} ms, the block {:.1f} ms (medians): "
      "the work was done when it was asked for, and not in the timed block",
      ms(late), ms(soon), ms(wall));
}

std::optional<std::string> answered_late_by_sets(std::span<const std::int64_t> first_ns,
                                                 std::span<const std::int64_t> again_ns, std::int64_t block_ns) {
  if (first_ns.size() < kLateBlocks || again_ns.size() < kLateBlocks) return std::nullopt;
  const std::int64_t late = median({first_ns.begin(), first_ns.end()});
  const std::int64_t soon = median({again_ns.begin(), again_ns.end()});
  const std::int64_t work = (late - soon) * static_cast<std::int64_t>(first_ns.size());
  if (late < kLateFactor * soon || work < kLateNs || work * kLateShare < block_ns) return std::nullopt;
  return fmt::format(
      "the first answer about each of {} operand sets took {:.1f} ms, the same answer again {:.1f} ms (medians), the "
      "block {:.1f} ms: the work was done when it was asked for, and not in the timed block",
      first_ns.size(), ms(late), ms(soon), ms(block_ns));
}

std::optional<std::string> hidden_window(std::int64_t window_ns, std::int64_t block_ns, std::uint64_t asked,
                                         std::uint64_t sets) {
  if (block_ns <= 0) return std::nullopt;
  const double share = static_cast<double>(window_ns) / static_cast<double>(block_ns);
  if (share <= kHiddenShare) return std::nullopt;
  return fmt::format(
      "revealing the seed and answering about {} of {} operand sets took {:.1f} ms, the block {:.1f} ms: up to {:.0f} "
      "% of the work could have been done outside the timed block",
      asked, sets, ms(window_ns), ms(block_ns), std::min(share, 1.0) * 100);
}

}  // namespace geomsu
