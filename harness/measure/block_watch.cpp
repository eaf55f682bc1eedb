#include "harness/measure/block_watch.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "harness/measure/replay_check.hpp"

namespace geomsu {

std::optional<BlockWatch::Refusal> BlockWatch::conclude(Trial& trial) const {
  Watch& watch = trial.watch.emplace(trial.watch.value_or(Watch{}));
  std::optional<Refusal> refusal;
  const auto refuse = [&](Reason reason, std::string words) {
    if (!refusal) refusal = Refusal{reason, std::move(words)};
  };
  const auto note = [&](const char* code, std::optional<std::string> words) {
    if (words) trial.findings.push_back({code, std::move(*words)});
  };
  const std::span<const std::int64_t> walls = trial.wall_ns;

  if (watch.replay_ns) {
    if (auto words = replay_too_fast(*watch.replay_ns, walls)) refuse(Reason::kReplayTime, std::move(*words));
    note("replay_slower", replay_slower(*watch.replay_ns, walls));
  }
  if (load_repeat_ns) note("load_slower", load_slower(*load_repeat_ns, trial.repeats, walls));

  if (walls.size() > 1) {
    std::int64_t fastest = *std::min_element(walls.begin() + 1, walls.end());
    if (fastest_ns > 0) fastest = std::min(fastest, fastest_ns);
    if (watch.replay_ns) fastest = std::min(fastest, *watch.replay_ns);
    if (auto early = early_start(walls.front(), walls.subspan(1), fastest, lead_ns)) {
      if (early->invalid) {
        refuse(Reason::kEarlyStart, std::move(early->words));
      } else {
        note("early_start", std::move(early->words));
      }
    }
  }

  if (auto words = answered_late(asked_twice)) refuse(Reason::kAnsweredLate, std::move(*words));
  if (watch.window_block && watch.window_ns && *watch.window_block < walls.size()) {
    if (auto words = answered_late_by_sets(window_first_ns, window_again_ns, walls[*watch.window_block]))
      refuse(Reason::kAnsweredLate, std::move(*words));
    note("hidden_window", hidden_window(*watch.window_ns, walls[*watch.window_block], window_sets, trial.operand_sets));
  }

  if (host) watch.host_cpu = host->cores();
  if (watch.host_cpu && !host_device) {
    if (auto use = judge_host_use(*watch.host_cpu)) {
      if (use->invalid) {
        refuse(Reason::kHostCompute, std::move(use->words));
      } else {
        note("host_compute", std::move(use->words));
      }
    }
  }
  energy.conclude(trial);
  note("telemetry_quiet", telemetry_missing(trial.before, trial.after));
  if (host) note("telemetry_quiet", telemetry_silent(notes_before, notes_during));
  return refusal;
}

}  // namespace geomsu
