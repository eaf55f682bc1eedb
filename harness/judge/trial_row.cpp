#include "harness/judge/trial_row.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/contract/bar.hpp"
#include "harness/judge/block_order.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

struct Refusal {
  Outcome outcome = Outcome::kInvalid;
  Reason reason = Reason::kNone;
  std::string words;
};

std::string said(const Trial& trial) {
  return trial.reason.empty() ? std::string() : ": " + escape_terminal(trial.reason);
}

std::string_view next_words(const Clause& clause) {
  switch (clause.if_inconclusive) {
    case IfInconclusive::kReject:
      return "the contract rejects what is undecided";
    case IfInconclusive::kConditional:
      return "the contract foresees conditional acceptance";
    case IfInconclusive::kReinspect:
      return "inspect again";
  }
  return "inspect again";
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
  if (trial.block_ns.size() > planned.blocks || trial.block_ns.size() < least) {
    return Refusal{Outcome::kInvalid, Reason::kNotMeasured,
                   fmt::format("{} blocks were measured and the plan fixed {}", trial.block_ns.size(), planned.blocks)};
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

std::optional<Refusal> refusal(const Clause& clause, const PlannedTrial& planned, const Trial& trial,
                               std::size_t least) {
  if (auto found = by_status(clause, trial)) return found;
  if (auto found = by_answers(trial)) return found;
  if (auto found = by_counts(planned, trial, least)) return found;
  if (auto found = by_clock(planned, trial)) return found;
  return by_company(clause, trial);
}

}  // namespace

std::vector<double> block_values(const Workload& workload, std::string_view quantity, const Trial& trial) {
  const ops::Operation* operation = ops::find(workload.op);
  std::vector<double> values;
  if (operation == nullptr || trial.repeats == 0) return values;
  values.reserve(trial.block_ns.size());
  for (const std::int64_t ns : trial.block_ns) {
    if (ns <= 0) return {};
    values.push_back(operation->value(workload.params, quantity, trial.repeats, ns));
  }
  return values;
}

std::optional<std::uint32_t> slowest_rank(const Trial& trial) {
  std::optional<std::uint32_t> slowest;
  double most = 0;
  for (std::uint32_t rank = 0; rank < trial.rank_ns.size(); ++rank) {
    std::vector<double> ns(trial.rank_ns[rank].begin(), trial.rank_ns[rank].end());
    const double middle = stats::median(ns);
    if (!(middle > most)) continue;
    most = middle;
    slowest = rank;
  }
  return slowest;
}

Measured measure_row(const Clause& clause, const PlannedTrial& planned, const Trial& trial,
                     std::optional<std::uint32_t> adaptive_min_blocks) {
  Measured measured;
  ClauseRow& row = measured.row;
  row.clause = clause.id;
  row.unit = trial.unit;
  const std::vector<double> values = judged_values(planned, clause.quantity, trial);
  row.n = static_cast<std::uint32_t>(planned.thin > 1 ? values.size() : trial.block_ns.size());
  row.attempt = trial.attempt;
  row.trial = trial.id;
  const auto refuse = [&row](Outcome outcome, Reason reason, std::string words) {
    row.outcome = outcome;
    row.reason = reason;
    row.words = std::move(words);
  };
  const std::size_t least = planned.sustained ? planned.blocks : adaptive_min_blocks.value_or(planned.blocks);
  if (auto found = refusal(clause, planned, trial, least)) {
    refuse(found->outcome, found->reason, std::move(found->words));
    return measured;
  }
  const std::optional<stats::Statistic> statistic = stats::parse_statistic(clause.statistic);
  if (statistic) measured.bounds = stats::bounds(*statistic, values, clause.confidence);
  if (!measured.bounds) {
    refuse(Outcome::kInvalid, Reason::kNotMeasured,
           fmt::format("no bound of the {} exists for {} blocks at {} %", escape_terminal(clause.statistic), row.n,
                       shortest(clause.confidence * 100)));
    return measured;
  }
  // No such part does that: another part, work that was not done, or a wrong datasheet.
  if (planned.peak && measured.bounds->lower > *planned.peak) {
    const Dimension dimension = bar_dimension(clause.operation, clause.quantity, false);
    refuse(Outcome::kInvalid, Reason::kOverPeak,
           fmt::format("the lower bound {} is over {}, the dense peak of the contract's sku by its datasheet",
                       format_quantity(measured.bounds->lower, dimension), format_quantity(*planned.peak, dimension)));
    measured.bounds.reset();
    return measured;
  }
  row.lower = measured.bounds->lower;
  row.upper = measured.bounds->upper;
  row.estimate = measured.bounds->estimate;
  if (const auto rank = slowest_rank(trial); rank && *rank < planned.members.size())
    measured.slowest = fmt::format("slowest of {} ranks: rank {} ({})", trial.rank_ns.size(), *rank,
                                   escape_terminal(planned.members[*rank].name()));
  if (!planned.sustained) return measured;
  row.dependence = dependence_of(planned, trial);
  // An observed extreme is what it is, whatever the blocks say of each other: it has no interval that could be wrong.
  const bool observed = *statistic == stats::Statistic::kMin || *statistic == stats::Statistic::kMax;
  if (!row.dependence->dependent || observed) return measured;
  const bool reject = clause.if_inconclusive == IfInconclusive::kReject;
  refuse(reject ? Outcome::kFail : Outcome::kInconclusive, Reason::kDependent,
         fmt::format("the blocks are not independent: {}; the bounds {} to {} {} do not hold at {} %, and nothing is "
                     "widened; {} was contracted; {}",
                     dependence_words(*row.dependence), format_in(*row.lower, clause.bar_unit),
                     format_in(*row.upper, clause.bar_unit), clause.bar_unit, shortest(clause.confidence * 100),
                     bar_words(clause), next_words(clause)));
  measured.bounds.reset();
  return measured;
}

std::string bar_words(const Clause& clause) {
  return fmt::format("{} {} {}", clause.at_least ? "at least" : "at most", format_in(clause.bar(), clause.bar_unit),
                     clause.bar_unit);
}

void judge_bounds(const Clause& clause, double lower, double upper, ClauseRow& row) {
  const double bar = clause.bar();
  const bool at_least = clause.at_least.has_value();
  const bool meets = at_least ? lower >= bar : upper <= bar;
  const bool misses = at_least ? upper < bar : lower > bar;
  const std::string bounds = fmt::format("bounds {} to {} {}", format_in(lower, clause.bar_unit),
                                         format_in(upper, clause.bar_unit), clause.bar_unit);
  if (meets) {
    row.outcome = Outcome::kPass;
    row.reason = Reason::kNone;
    row.words = fmt::format("{}; {} was contracted", bounds, bar_words(clause));
  } else if (misses) {
    row.outcome = Outcome::kFail;
    row.reason = Reason::kTooSlow;
    row.words = fmt::format("{} lie wholly {} the bar; {} was contracted", bounds, at_least ? "below" : "above",
                            bar_words(clause));
  } else {
    const bool reject = clause.if_inconclusive == IfInconclusive::kReject;
    row.outcome = reject ? Outcome::kFail : Outcome::kInconclusive;
    row.reason = Reason::kUndecided;
    row.words =
        fmt::format("{} straddle the bar; {} was contracted; {}", bounds, bar_words(clause), next_words(clause));
  }
}

ClauseRow judge_trial(const Clause& clause, const PlannedTrial& planned, const Trial& trial) {
  Measured measured = measure_row(clause, planned, trial);
  if (measured.bounds) judge_bounds(clause, measured.bounds->lower, measured.bounds->upper, measured.row);
  if (!measured.slowest.empty()) measured.row.words += "; " + measured.slowest;
  return std::move(measured.row);
}

}  // namespace geomsu
