#include "harness/measure/replay_check.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace geomsu {
namespace {

double ms(std::int64_t ns) { return static_cast<double>(ns) * 1e-6; }

}  // namespace

std::optional<std::string> replay_too_fast(std::int64_t replay_ns, std::span<const std::int64_t> blocks_ns) {
  if (blocks_ns.empty()) return std::nullopt;
  const std::int64_t fastest = *std::min_element(blocks_ns.begin(), blocks_ns.end());
  if (fastest < kReplayJudgedFromNs || static_cast<double>(replay_ns) * kReplayFaster >= static_cast<double>(fastest))
    return std::nullopt;
  return fmt::format(
      "a block run again took {:.1f} ms, the fastest judged one {:.1f} ms: answers remembered, or timed blocks slower "
      "than they need be",
      ms(replay_ns), ms(fastest));
}

std::optional<std::string> replay_slower(std::int64_t replay_ns, std::span<const std::int64_t> blocks_ns) {
  if (blocks_ns.empty()) return std::nullopt;
  const std::int64_t slowest = *std::max_element(blocks_ns.begin(), blocks_ns.end());
  if (slowest < kReplayJudgedFromNs || static_cast<double>(replay_ns) <= kReplaySlower * static_cast<double>(slowest))
    return std::nullopt;
  return fmt::format(
      "a block run again took {:.1f} ms, the slowest judged one {:.1f} ms: faster only while judged, or other load "
      "came",
      ms(replay_ns), ms(slowest));
}

std::optional<std::string> load_slower(double load_repeat_ns, std::uint64_t repeats,
                                       std::span<const std::int64_t> blocks_ns) {
  if (blocks_ns.empty() || repeats == 0) return std::nullopt;
  const double slowest = static_cast<double>(*std::max_element(blocks_ns.begin(), blocks_ns.end()));
  if (slowest < static_cast<double>(kReplayJudgedFromNs)) return std::nullopt;
  const double judged = slowest / static_cast<double>(repeats);
  if (load_repeat_ns <= kLoadSlower * judged) return std::nullopt;
  return fmt::format(
      "a repeat took {:.3f} ms under the soak's load and {:.3f} ms in the slowest judged block: faster only while "
      "judged, or the load pays for waits between repeats",
      load_repeat_ns * 1e-6, judged * 1e-6);
}

}  // namespace geomsu
