#include "harness/judge/unit_row.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/judge/precondition.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

// Whether the peer that a transfer goes to is this unit itself: between them nothing is to be transferred.
bool is_own_peer(const Clause& clause, const Plan& plan, const Unit& unit) {
  const auto peer = clause.workload.params.find("peer");
  if (clause.workload.op != "transfer" || peer == clause.workload.params.end()) return false;
  return std::any_of(plan.units.begin(), plan.units.end(), [&](const PlannedUnit& planned) {
    return planned.found && planned.unit == unit && std::to_string(planned.index) == peer->second;
  });
}

std::optional<Refusal> precondition_of(const UnitView& view, const JudgedUnit& unit, const PlannedTrial& planned) {
  if (view.contract.preconditions.empty()) return std::nullopt;
  if (planned.members.empty()) {
    if (unit.planned == nullptr) return std::nullopt;
    return broken_preconditions(view.contract, unit.sku, *unit.planned, view.environment);
  }
  for (const Unit& member : planned.members) {  // of a group every member must be as contracted
    const auto there = std::find_if(view.plan.units.begin(), view.plan.units.end(),
                                    [&](const PlannedUnit& one) { return one.unit == member && one.found; });
    if (there == view.plan.units.end()) continue;  // members_fault has said so
    const auto judged =
        std::find_if(view.units.begin(), view.units.end(), [&](const JudgedUnit& one) { return one.unit == member; });
    const std::string& sku = judged != view.units.end() ? judged->sku : view.contract.sku;
    if (auto broken = broken_preconditions(view.contract, sku, *there, view.environment)) {
      broken->words = escape_terminal(member.name()) + ": " + broken->words;
      return broken;
    }
  }
  return std::nullopt;
}

std::string words_of(const ClauseRow& row) {
  return row.reason == Reason::kNone ? std::string(to_string(row.outcome))
                                     : fmt::format("{}, {}", to_string(row.outcome), to_string(row.reason));
}

// Attempts 1, 2, 3 ...: the first that is not there; 0 where none is missing.
std::uint32_t missing_attempt(std::span<const Trial* const> attempts) {
  for (std::uint32_t i = 0; i < attempts.size(); ++i) {
    if (attempts[i]->attempt != i + 1) return i + 1;
  }
  return 0;
}

Measured judged_attempt(const UnitView& view, const Clause& clause, const PlannedTrial& planned,
                        std::span<const Trial* const> attempts, const LookTerms& terms) {
  const Reruns& reruns = view.contract.reruns;
  Measured measured = measure_row(clause, planned, *attempts.front(), terms);
  std::string before;
  for (std::size_t next = 1; next < attempts.size() && next <= reruns.most; ++next) {
    if (measured.bounds && wants_all_units(clause)) break;
    const ClauseRow row = judged_row(clause, measured);
    // A FAIL is never measured again: that would be the best of several (T04).
    if (row.outcome == Outcome::kFail) break;
    if (std::find(reruns.of.begin(), reruns.of.end(), row.outcome) == reruns.of.end()) break;
    before += fmt::format("{}attempt {} was {}", before.empty() ? "" : ", ", row.attempt, words_of(row));
    measured = measure_row(clause, planned, *attempts[next], terms);
  }
  if (!before.empty()) {
    measured.attempts = fmt::format("attempt {} of {} is judged by the contract's reruns: {}", measured.row.attempt,
                                    attempts.size(), before);
  }
  return measured;
}

}  // namespace

Measured measure_unit(const UnitView& view, const Clause& clause, const JudgedUnit& unit) {
  Measured measured;
  ClauseRow& row = measured.row;
  row.clause = clause.id;
  row.unit = unit.unit;
  row.outcome = Outcome::kNotRun;
  if (!unit.found) {
    row.reason = Reason::kNotFound;
    row.words = "the unit is on the delivery list and was not found";
    return measured;
  }
  row.reason = Reason::kNotMeasured;
  const PlannedTrial* planned = view.planned.find(clause, unit.unit);
  if (planned == nullptr) {
    row.words = "the plan measures this clause on other units only";
    if (is_group(clause))
      row.words = fmt::format("no backend has the {} devices that this wants in one group",
                              ops::find(clause.workload.op)->ranks(clause.workload.params));
    return measured;
  }
  if (is_group(clause)) {
    if (std::string fault = members_fault(clause, view.plan, view.units, *planned); !fault.empty()) {
      row.outcome = Outcome::kInvalid;
      row.words = std::move(fault);
      return measured;
    }
  }
  row.trial = planned->id;
  const std::span<const Trial* const> attempts = view.trials.attempts(planned->id, unit.unit);
  if (attempts.empty()) {
    row.words = fmt::format("{} was planned, and has no finished trial in the evidence", escape_terminal(planned->id));
    return measured;
  }
  if (const std::uint32_t missing = missing_attempt(attempts)) {
    row.outcome = Outcome::kInvalid;
    row.attempt = attempts.front()->attempt;
    row.words = fmt::format("attempt {} of {} is not in the evidence, and a later one is", missing,
                            escape_terminal(planned->id));
    return measured;
  }
  LookTerms terms;
  terms.memo = view.memo;
  terms.looks = looks(view.contract, planned->extension);
  terms.adaptive_min_blocks = view.plan.adaptive_min_blocks;
  terms.precondition = precondition_of(view, unit, *planned);
  measured = judged_attempt(view, clause, *planned, attempts, terms);
  measured.planned = planned;
  if (attempts.front()->status == TrialStatus::kUnsupported && is_own_peer(clause, view.plan, unit.unit)) {
    measured.row.outcome = Outcome::kNotApplicable;
    measured.row.words = "the peer that the clause names is this device itself: it is measured with another peer only";
  }
  return measured;
}

}  // namespace geomsu
