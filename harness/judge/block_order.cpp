#include "harness/judge/block_order.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "harness/judge/trial_row.hpp"
#include "harness/stats/dependence.hpp"
#include "harness/stats/order.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kScheduleSlackNs =
    10'000'000;  // a load is stopped at the instant, and may be asked a little early
constexpr std::size_t kSpansNamed = 3;

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

std::string bit_names(std::int64_t bits) {
  std::string names;
  for (const auto& [bit, name] : {std::pair{1, "thermal"}, {2, "power"}, {4, "hardware"}, {8, "other"}}) {
    if ((bits & bit) != 0) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names.empty() ? fmt::format("bits {:#x}", bits) : names;
}

// "from 20.1 s to 35.0 s", or "... on" where it lasts to the last block.
std::string span_words(const Trial& trial, std::size_t first, std::size_t last) {
  const std::int64_t from = trial.block_at_ns[first];
  if (last + 1 == trial.block_at_ns.size()) return fmt::format("from {:.1f} s on", seconds(from));
  const std::int64_t to = trial.block_at_ns[last] + trial.wall_ns[last];
  return fmt::format("from {:.1f} s to {:.1f} s", seconds(from), seconds(to));
}

std::optional<Finding> throttling(const Trial& trial) {
  const std::size_t n = trial.block_throttle.size();
  if (n == 0 || trial.block_at_ns.size() != n || trial.wall_ns.size() != n) return std::nullopt;
  std::int64_t bits = 0;
  std::size_t throttled = 0, spans = 0;
  std::string words;
  for (std::size_t i = 0; i < n;) {
    if (trial.block_throttle[i] == 0) {
      ++i;
      continue;
    }
    std::size_t j = i;
    for (; j < n && trial.block_throttle[j] != 0; ++j) bits |= trial.block_throttle[j];
    throttled += j - i;
    if (++spans <= kSpansNamed) words += (spans == 1 ? "" : "; ") + span_words(trial, i, j - 1);
    i = j;
  }
  if (throttled == 0) return std::nullopt;
  if (spans > kSpansNamed) words += fmt::format("; and {} times more", spans - kSpansNamed);
  return Finding{"throttled", fmt::format("throttled ({}) in {} of {} blocks, which were kept and judged: {}",
                                          bit_names(bits), throttled, n, words)};
}

struct CounterName {
  std::string_view name, code, words;
  std::optional<std::uint64_t> Telemetry::*member;
};
constexpr CounterName kNames[] = {
    {"throttle_events", "throttled", "throttle events", &Telemetry::throttle_events},
    {"ecc_corrected", "ecc", "corrected ECC errors", &Telemetry::ecc_corrected},
    {"ecc_uncorrected", "ecc", "uncorrected ECC errors", &Telemetry::ecc_uncorrected},
    {"link_replays", "link_replays", "link replays", &Telemetry::link_replays},
    {"fault_events", "fault_events", "fault events", &Telemetry::fault_events},
};

// Counts say how many faults there were, and not which.
std::string_view next_words(std::string_view code) {
  return code == "fault_events" ? "; next: the kernel's log (dmesg) names them (of NVIDIA's GPUs as XID)" : "";
}

void counters(const Trial& trial, std::vector<Finding>& findings) {
  for (const CounterName& counter : kNames) {
    const auto found = trial.block_counters.find(std::string(counter.name));
    if (found == trial.block_counters.end() || found->second.size() != trial.block_at_ns.size()) continue;
    const std::vector<std::int64_t>& values = found->second;
    const auto known = trial.before ? (*trial.before).*counter.member : std::nullopt;
    const std::int64_t before = known ? static_cast<std::int64_t>(*known) : values.front();
    const auto grown = std::find_if(values.begin(), values.end(), [before](std::int64_t v) { return v > before; });
    if (grown == values.end()) continue;
    const auto block = static_cast<std::size_t>(grown - values.begin());
    const std::string session = trial.sustained ? fmt::format(" of session {}", trial.block_session[block]) : "";
    findings.push_back({std::string(counter.code),
                        fmt::format("{} grew from {} to {}, first seen after the block at {:.1f} s{}", counter.words,
                                    before, values.back(), seconds(trial.block_at_ns[block]), session) +
                            std::string(next_words(counter.code))});
  }
}

std::vector<std::size_t> judged_blocks_of(const PlannedTrial& planned, const Trial& trial) {
  std::vector<std::size_t> kept;
  const std::size_t step = std::max<std::uint32_t>(1, planned.thin);
  for (std::size_t i = 0; i < trial.block_ns.size(); i += step) kept.push_back(i);
  return kept;
}

}  // namespace

std::vector<double> judged_values(const PlannedTrial& planned, std::string_view quantity, const Trial& trial,
                                  RowMemo* memo) {
  std::vector<double> all = block_values(planned.workload, quantity, trial, memo);
  if (planned.thin <= 1 || all.empty()) return all;
  std::vector<double> kept;
  for (const std::size_t i : judged_blocks_of(planned, trial)) kept.push_back(all[i]);
  return kept;
}

std::optional<std::string> schedule_fault(const PlannedTrial& planned, const Trial& trial) {
  if (!planned.sustained) return std::nullopt;
  const std::size_t n = trial.block_ns.size();
  if (trial.block_at_ns.size() != n || trial.block_session.size() != n)
    return fmt::format("{} blocks, {} starts, {} sessions named", n, trial.block_at_ns.size(),
                       trial.block_session.size());
  std::size_t block = 0;
  for (std::uint32_t session = 1; session <= planned.sustained->sessions; ++session) {
    const std::vector<std::int64_t> starts = session_starts(planned.blocks, *planned.sustained, session);
    const std::size_t first = block;
    for (std::size_t j = 0; j < starts.size(); ++j, ++block) {
      if (block >= n || trial.block_session[block] != static_cast<std::int64_t>(session))
        return fmt::format("block {} is not of session {}", block, session);
      if (block > 0 && trial.block_at_ns[block] <= trial.block_at_ns[block - 1])
        return fmt::format("block {} did not start after the one before it", block);
      if (trial.block_at_ns[block] - trial.block_at_ns[first] < starts[j] - kScheduleSlackNs) {
        return fmt::format("block {} started {:.1f} s after its session's first, and {:.1f} s was planned", block,
                           seconds(trial.block_at_ns[block] - trial.block_at_ns[first]), seconds(starts[j]));
      }
    }
  }
  if (block != n) return fmt::format("{} blocks, {} planned", n, block);
  return std::nullopt;
}

Dependence dependence_of(const PlannedTrial& planned, const Trial& trial) {
  // Any quantity of a workload is a function of the block's time that only rises or only falls.
  const ops::Operation* operation = ops::find(planned.workload.op);
  const std::vector<double> values = operation == nullptr
                                         ? std::vector<double>{}
                                         : judged_values(planned, operation->quantities().front().name, trial);
  std::vector<double> times;
  std::map<std::int64_t, std::vector<double>> by_session;
  Dependence result;
  std::size_t k = 0;
  for (const std::size_t i : judged_blocks_of(planned, trial)) {
    if (k < values.size()) by_session[trial.block_session[i]].push_back(values[k++]);
    times.push_back(seconds(trial.block_at_ns[i]));
    if (i < trial.block_throttle.size() && trial.block_throttle[i] != 0) ++result.throttled;
  }
  result.sessions = static_cast<std::uint32_t>(by_session.size());
  if (times.size() > 1) result.span_ns = std::llround((times.back() - times.front()) * 1e9);
  result.lag1 = stats::lag1_autocorrelation(values);
  std::vector<std::vector<double>> groups;
  for (auto& [session, group] : by_session) groups.push_back(std::move(group));
  if (const auto test = stats::kruskal_wallis(groups)) {
    result.kruskal_h = test->h;
    result.kruskal_p = test->p;
  }
  if (const auto slope = stats::trend(times, values)) {
    result.drift = slope->slope * (times.back() - times.front()) / stats::median(values);
    result.drift_p = slope->p;
  }
  result.dependent =
      (result.lag1 && *result.lag1 > kLag1Limit) || (result.kruskal_p && *result.kruskal_p < kSessionsDifferP);
  return result;
}

std::string dependence_words(const Dependence& dependence) {
  std::string words;
  if (dependence.lag1 && *dependence.lag1 > kLag1Limit)
    words = fmt::format("their lag-1 autocorrelation is {:.2f}, over {:g}", *dependence.lag1, kLag1Limit);
  if (dependence.kruskal_p && *dependence.kruskal_p < kSessionsDifferP) {
    words += fmt::format("{}the sessions differ (Kruskal-Wallis H = {:.2f}, p = {:.2g}, under {:g})",
                         words.empty() ? "" : "; ", *dependence.kruskal_h, *dependence.kruskal_p, kSessionsDifferP);
  }
  return words;
}

std::vector<Finding> block_findings(const PlannedTrial& planned, const Trial& trial) {
  std::vector<Finding> findings;
  if (auto found = throttling(trial)) findings.push_back(std::move(*found));
  if (trial.block_session.size() == trial.block_at_ns.size()) counters(trial, findings);
  if (!planned.sustained || schedule_fault(planned, trial)) return findings;
  const Dependence order = dependence_of(planned, trial);
  if (order.drift && order.drift_p && *order.drift_p < kDriftP) {
    findings.push_back({"drift", fmt::format("the speed changes by {:+.2f} % over {:.0f} s (Theil-Sen; Mann-Kendall "
                                             "p = {:.2g})",
                                             *order.drift * 100, seconds(order.span_ns), *order.drift_p)});
  }
  return findings;
}

}  // namespace geomsu
