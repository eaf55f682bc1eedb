#include "harness/judge/refusal.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/judge/block_order.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

std::string said(const Trial& trial) {
  return trial.reason.empty() ? std::string() : ": " + escape_terminal(trial.reason);
}

std::optional<Refusal> by_status(const Clause& clause, const Trial& trial) {
  switch (trial.status) {
    case TrialStatus::kOk:
      return std::nullopt;
    case TrialStatus::kUnsupported: {
      const bool allowed = clause.if_unsupported == IfUnsupported::kNotApplicable;
      return Refusal{allowed ? Outcome::kNotApplicable : Outcome::kFail, Reason::kUnsupported,
                     fmt::format("the device does not offer this{}; the contract {} that", said(trial),
                                 allowed ? "allows" : "does not allow")};
    }
    case TrialStatus::kOutOfMemory:
      return Refusal{Outcome::kInvalid, Reason::kDeviceError, "the device was out of memory" + said(trial)};
    case TrialStatus::kDeviceLost:
      return Refusal{Outcome::kInvalid, Reason::kDeviceError, "the device was lost" + said(trial)};
    case TrialStatus::kTimeout:
      return Refusal{Outcome::kInvalid, Reason::kDeviceError, "the device gave no answer in time" + said(trial)};
    case TrialStatus::kError:
      return Refusal{Outcome::kInvalid, Reason::kDeviceError, "the device's program failed" + said(trial)};
    case TrialStatus::kInvalid:
      break;
  }
  const Reason reason = parse_reason(trial.reason_code).value_or(Reason::kDeviceError);
  const bool wrong = reason == Reason::kWrongAnswer;
  return Refusal{
      wrong ? Outcome::kFail : Outcome::kInvalid, reason == Reason::kNone ? Reason::kDeviceError : reason,
      fmt::format("{}{}", wrong ? "the device computed wrong" : "the measurement cannot be used", said(trial))};
}

std::optional<Refusal> by_answers(const Trial& trial) {
  for (const Check& check : trial.checks) {
    if (check.passed) continue;
    return Refusal{Outcome::kFail, Reason::kWrongAnswer,
                   fmt::format("the device computed wrong: {} failed{}{}", escape_terminal(check.name),
                               check.detail.empty() ? "" : ": ", escape_terminal(check.detail))};
  }
  const bool compared =
      std::any_of(trial.checks.begin(), trial.checks.end(), [](const Check& c) { return c.compared > 0; });
  if (compared) return std::nullopt;
  return Refusal{Outcome::kInvalid, Reason::kNotMeasured,
                 "nobody checked the results: no number was compared with its reference"};
}

std::optional<Refusal> by_counts(const PlannedTrial& planned, const Trial& trial, std::size_t least) {
  const std::size_t n = trial.block_ns.size();
  const bool extended = planned.extension > 0 && n == std::size_t{planned.blocks} + planned.extension;
  if (!extended && (n > planned.blocks || n < least)) {
    return Refusal{Outcome::kInvalid, Reason::kNotMeasured,
                   fmt::format("{} blocks were measured and the plan fixed {}{}", n, planned.blocks,
                               planned.extension > 0 ? fmt::format(", or {} with its extension",
                                                                   std::size_t{planned.blocks} + planned.extension)
                                                     : "")};
  }
  if (const auto fault = schedule_fault(planned, trial)) {
    return Refusal{Outcome::kInvalid, Reason::kNotMeasured, "the blocks are not spread as planned: " + *fault};
  }
  const ops::Operation* operation = ops::find(planned.workload.op);
  const std::uint64_t work = operation != nullptr ? operation->work(planned.workload.params) : 0;
  if (work == 0 || trial.work_per_repeat != work || trial.repeats == 0) {
    return Refusal{Outcome::kInvalid, Reason::kNotMeasured,
                   fmt::format("the trial counts {} of work in each of {} repeats, and the workload has {}",
                               trial.work_per_repeat, trial.repeats, work)};
  }
  return std::nullopt;
}

// Of a group the judged time of a block is its slowest rank's.
std::optional<std::string> rank_fault(const Trial& trial) {
  if (trial.rank_ns.empty()) return std::nullopt;
  for (std::size_t i = 0; i < trial.device_ns.size(); ++i) {
    std::int64_t slowest = 0;
    for (const auto& rank : trial.rank_ns) {
      if (rank.size() != trial.device_ns.size()) return fmt::format("{} blocks of a rank", rank.size());
      slowest = std::max(slowest, rank[i]);
    }
    if (slowest != trial.device_ns[i])
      return fmt::format("block {} is judged by {} ns, and its slowest rank took {} ns", i, trial.device_ns[i],
                         slowest);
  }
  return std::nullopt;
}

// The judged times again from both clocks, so that a row cannot hold a third time.
std::optional<std::string> clock_fault(const Trial& trial) {
  const std::size_t n = trial.block_ns.size();
  for (const std::int64_t ns : trial.block_ns) {
    if (ns <= 0) return fmt::format("a block of {} ns", ns);
  }
  if (trial.wall_ns.size() != n) return fmt::format("{} blocks and {} wall times", n, trial.wall_ns.size());
  if (!trial.judged_by_device) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t taken_off = trial.wall_ns[i] - trial.block_ns[i];
      // The worker decides what its empty submission costs: over 1 % of the block nothing may be taken off.
      if (taken_off < 0 || taken_off > std::max<std::int64_t>(trial.empty_submit_ns, 0) ||
          taken_off > trial.wall_ns[i] / 100) {
        return fmt::format(
            "block {} is judged by {} ns, and the host's clock says {} ns, {} ns of them the empty submit", i,
            trial.block_ns[i], trial.wall_ns[i], trial.empty_submit_ns);
      }
    }
    return std::nullopt;
  }
  if (trial.clock.verdict != ClockAudit::Verdict::kProved) return "judged by a device clock that is not proved";
  if (trial.device_ns != trial.block_ns) return "the judged times are not the device's";
  if (auto fault = rank_fault(trial)) return fault;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t gap = trial.wall_ns[i] - trial.device_ns[i];
    if (gap > trial.wall_ns[i] / 100 + 2'000'000) {
      return fmt::format("block {} lasts {} ns by the device and {} ns by the host: a gap over 1 % + 2 ms", i,
                         trial.device_ns[i], trial.wall_ns[i]);
    }
  }
  return std::nullopt;
}

std::optional<Refusal> by_clock(const PlannedTrial& planned, const Trial& trial) {
  if (trial.clock.verdict == ClockAudit::Verdict::kBroken) {
    return Refusal{Outcome::kInvalid, Reason::kClock, "the clock audit failed: " + escape_terminal(trial.clock.reason)};
  }
  if (const std::optional<std::string> fault = clock_fault(trial)) {
    return Refusal{Outcome::kInvalid, Reason::kClock, "the times do not hold together: " + *fault};
  }
  const std::int64_t late = trial.late_ns.value_or(0);
  if (planned.units.size() > 1 && (late > kLateLimitNs || late < 0)) {
    return Refusal{
        Outcome::kInvalid, Reason::kLateStart,
        fmt::format("started {} ns after the instant that all agreed on; 0 to {} are allowed", late, kLateLimitNs)};
  }
  return std::nullopt;
}

std::optional<Refusal> by_company(const Clause& clause, const Trial& trial) {
  if (!clause.exclusive) return std::nullopt;
  for (const Finding& finding : trial.findings) {
    if (finding.code != "foreign_load") continue;
    return Refusal{Outcome::kInvalid, Reason::kForeignLoad,
                   "the clause demands the device for itself, and others used it: " + escape_terminal(finding.text)};
  }
  return std::nullopt;
}

}  // namespace

void worsen(ClauseRow& row, const Refusal& by) {
  const Outcome outcome = worst(row.outcome, by.outcome);
  if (outcome == row.outcome) {
    row.words = row.words.empty() ? by.words : fmt::format("{}; also: {}", row.words, by.words);
    return;
  }
  row.words = fmt::format("{}; without that {}: {}", by.words, to_string(row.outcome), row.words);
  row.outcome = outcome;
  row.reason = by.reason;
}

std::optional<Refusal> refusal(const Clause& clause, const PlannedTrial& planned, const Trial& trial, std::size_t least,
                               const std::optional<Refusal>& precondition) {
  if (auto found = by_status(clause, trial))
    return found->outcome == Outcome::kNotApplicable && precondition ? precondition : found;
  if (auto found = by_answers(trial)) return found;
  if (precondition) return precondition;
  if (auto found = by_counts(planned, trial, least)) return found;
  if (auto found = by_clock(planned, trial)) return found;
  return by_company(clause, trial);
}

}  // namespace geomsu
