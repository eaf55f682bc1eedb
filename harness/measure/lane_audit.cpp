// What is looked at once a lane's blocks are done: counters, clocks, whether the parts are still the same.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/measure/lane.hpp"

namespace geomsu {
namespace {

constexpr double kForeignLoad = 0.05;
// Counts say how many faults there were, and not which.
constexpr const char* kNextOfFaults = "; next: the kernel's log (dmesg) names them (of NVIDIA's GPUs as XID)";

struct Counter {
  std::optional<std::uint64_t> Telemetry::*value;
  const char* code;
  const char* what;
};
constexpr Counter kCounters[] = {
    {&Telemetry::ecc_corrected, "ecc", "corrected ECC errors"},
    {&Telemetry::ecc_uncorrected, "ecc", "uncorrected ECC errors"},
    {&Telemetry::link_replays, "link_replays", "link replays"},
    {&Telemetry::fault_events, "fault_events", "fault events"},
    {&Telemetry::throttle_events, "throttled", "throttle events"},
};

}  // namespace

std::string UnitSession::rank_name(std::uint32_t rank) const {
  return fmt::format("rank {} ({})", rank,
                     rank < members.size() ? escape_terminal(members[rank]->unit.name()) : "nobody");
}

std::optional<Fault> UnitSession::start_counting() {
  const auto answer = session->call(protocol::TelemetryRequest{});
  if (!answer) return answer.fault();
  if (answer->readings.empty()) return std::nullopt;
  const Telemetry& opened = answer->readings.front();
  if (!counted) {
    count(opened, "the device was opened");
    return std::nullopt;
  }
  for (const Counter& counter : kCounters) {
    auto& kept = (*counted).*counter.value;
    const auto& now = opened.*counter.value;
    if (now && (!kept || *now < *kept)) kept = now;
  }
  return std::nullopt;
}

void UnitSession::count(const Telemetry& reading, std::string when) {
  counted = reading;
  counted_when = std::move(when);
}

void Lane::compare_counters(const Telemetry& before, const Telemetry& after, const std::string& when) {
  for (const Counter& counter : kCounters) {
    const auto& from = before.*counter.value;
    const auto& to = after.*counter.value;
    if (from && to && *to > *from)
      note(counter.code, fmt::format("{} grew from {} to {} {}{}", counter.what, *from, *to, when,
                                     counter.value == &Telemetry::fault_events ? kNextOfFaults : ""));
  }
}

void Lane::counted(const Telemetry& reading, std::string_view what) {
  if (!context_.company) unit_session_.count(reading, fmt::format("trial {} {}", trial_.id, what));
}

void Lane::note_state_after(const std::vector<Telemetry>& after) {
  if (after.empty()) return;
  trial_.after = after.front();
  const bool group = unit_session_.ranks() > 1;
  for (std::uint32_t rank = 0; rank < after.size() && rank < unit_session_.ranks(); ++rank) {
    const std::string who = group ? " of " + unit_session_.rank_name(rank) : "";
    if (rank < before_.size()) compare_counters(before_[rank], after[rank], "during the trial" + who);
    if (after[rank].throttle.value_or(0) != 0)
      note("throttled", fmt::format("throttle bits {:#x} at the end{}", *after[rank].throttle, who));
  }
  if (!group) counted(*trial_.after, "ended");
  if (!foreign_load_.empty()) {
    const double mean =
        std::accumulate(foreign_load_.begin(), foreign_load_.end(), 0.0) / static_cast<double>(foreign_load_.size());
    if (mean > kForeignLoad)
      note("foreign_load", fmt::format("others used {:.1f} % of the device while it was timed", mean * 100));
  }
}

// Which clock is judged. Of a group it is the slowest rank's, each rank by its own clock: ranks' clocks are never
// subtracted.
void Lane::settle_times() {
  const std::uint32_t ranks =
      spans_.empty() || trial_.clock.domain == "none" ? 0 : static_cast<std::uint32_t>(spans_.front().size());
  std::vector<std::vector<std::int64_t>> rank_ns;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    std::vector<protocol::Span> own;
    for (const auto& block : spans_) own.push_back(block[rank]);
    std::string why;
    auto spans = device_spans(unit_session_.clock, own, walls_, &why);
    if (!spans) {
      if (ranks > 1) why = unit_session_.rank_name(rank) + ": " + why;
      trial_.clock.verdict = ClockAudit::Verdict::kBroken;
      trial_.clock.reason = why;
      return end(TrialStatus::kInvalid, Reason::kClock, why);
    }
    rank_ns.push_back(std::move(*spans));
  }
  if (ranks > 0) {
    trial_.device_ns = rank_ns.front();
    for (const auto& rank : rank_ns) {
      for (std::size_t i = 0; i < rank.size(); ++i) trial_.device_ns[i] = std::max(trial_.device_ns[i], rank[i]);
    }
  }
  if (unit_session_.ranks() > 1) trial_.rank_ns = std::move(rank_ns);
  trial_.judged_by_device =
      trial_.clock.verdict == ClockAudit::Verdict::kProved && spans_agree(trial_.device_ns, trial_.wall_ns);
  if (trial_.judged_by_device) {
    trial_.block_ns = trial_.device_ns;
    return;
  }
  const std::int64_t off = taken_off_ns(trial_.empty_submit_ns, trial_.wall_ns);
  if (off != trial_.empty_submit_ns)
    note("slow_empty_submit",
         fmt::format("an empty submission takes {:.3f} ms, over 1 % of a block: nothing is taken off the blocks",
                     static_cast<double>(trial_.empty_submit_ns) * 1e-6));
  for (const std::int64_t ns : trial_.wall_ns) trial_.block_ns.push_back(ns - off);
  if (trial_.clock.domain != "none") {
    note("wall_time_judged",
         trial_.clock.verdict == ClockAudit::Verdict::kProved
             ? "the device's spans leave more than 1 % + 2 ms of the host's wall time: the latter is judged"
             : trial_.clock.reason);
  }
}

void Lane::compare_parts(const std::vector<DeviceInfo>& devices) {
  for (const PlannedUnit* member : unit_session_.members) {
    const auto same = std::find_if(devices.begin(), devices.end(),
                                   [&](const DeviceInfo& device) { return device.index == member->index; });
    if (same != devices.end() && same->same_part(*member->device)) continue;
    return end(TrialStatus::kInvalid, Reason::kDeviceChanged,
               same == devices.end() ? fmt::format("the device {} is gone after the trial", member->unit.device)
                                     : fmt::format("the device calls itself {} after the trial, {} before",
                                                   same->unit_id(), member->device->unit_id()));
  }
}

void Lane::audit() {
  SystemClock wall;
  trial_.ended_utc_ns = wall.utc_ns();
  if (interrupted()) return;
  if (!session_ || session_->dead()) return;
  if (!ended_) {
    const auto after = session_->call(protocol::TelemetryRequest{});
    if (!after) return end(after.fault());
    watch_.energy.add(after->readings, false);
    readings_.write(trial_);
    note_state_after(after->readings);
    if (auto fault = unit_session_.read_clock()) return end(*fault);
    // This trial's own readings, so that a clock that is slow only while measured is not diluted by the rest of the
    // session; reaching back only as far as the baseline needs.
    const auto& pairs = unit_session_.pairs;
    std::size_t from = first_pair_;
    while (from > 0 && pairs.back().host_before_ns - pairs[from].host_before_ns < kMinBaselineNs) --from;
    trial_.clock = audit_clock(unit_session_.clock, std::span(pairs).subspan(std::min(from, pairs.size())));
    if (trial_.clock.verdict == ClockAudit::Verdict::kBroken) {
      end(TrialStatus::kInvalid, Reason::kClock, trial_.clock.reason);
    } else {
      settle_times();
    }
    watch_.fastest_ns = static_cast<std::int64_t>(fastest_repeat_ns_ * static_cast<double>(trial_.repeats));
    if (const auto refusal = watch_.conclude(trial_)) end(TrialStatus::kInvalid, refusal->reason, refusal->words);
    const auto least = context_.trial->block_min_ns;
    const auto shorter =
        std::count_if(trial_.block_ns.begin(), trial_.block_ns.end(), [&](auto ns) { return ns < least; });
    if (shorter > 0) {
      note("short_blocks",
           fmt::format("{} of {} blocks were shorter than the {} ms that the suite wants: {}", shorter,
                       trial_.block_ns.size(), least / 1'000'000,
                       operation_->set_per_repeat(params_) && trial_.repeats == trial_.operand_sets
                           ? "in place each repeat wants an operand set of its own, and memory holds no more"
                           : "the device was slower when their length was fixed"));
    }
    const auto devices = session_->call(protocol::DevicesRequest{});
    if (!devices) return end(devices.fault());
    compare_parts(devices->devices);
  }
  if (prepared_ && !session_->dead()) {
    prepared_ = false;
    const auto released = session_->call(protocol::ReleaseRequest{workload_});
    if (!released && !ended_) note("release", released.fault().words);
  }
  trial_.total_ns = now() - began_raw_ns_;
}

}  // namespace geomsu
