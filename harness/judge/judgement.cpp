#include "harness/judge/judgement.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/judge/block_order.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/notes.hpp"
#include "harness/judge/reconcile.hpp"
#include "harness/judge/scope.hpp"
#include "harness/stats/order.hpp"
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

// The clause measured on one unit; where there is no trial, why not.
Measured measure_unit(const Clause& clause, const Plan& plan, const TrialTable& trials,
                      std::span<const JudgedUnit> units, const JudgedUnit& unit) {
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
  const PlannedTrial* planned = planned_trial(plan, clause, unit.unit);
  if (planned == nullptr) {
    row.words = "the plan measures this clause on other units only";
    if (is_group(clause))
      row.words = fmt::format("no backend has the {} devices that this wants in one group",
                              ops::find(clause.workload.op)->ranks(clause.workload.params));
    return measured;
  }
  if (is_group(clause)) {
    if (std::string fault = members_fault(clause, plan, units, *planned); !fault.empty()) {
      row.outcome = Outcome::kInvalid;
      row.words = std::move(fault);
      return measured;
    }
  }
  row.trial = planned->id;
  const Trial* trial = trials.first(planned->id, unit.unit);
  if (trial == nullptr) {
    row.words = fmt::format("{} was planned, and has no finished trial in the evidence", escape_terminal(planned->id));
    return measured;
  }
  measured = measure_row(clause, *planned, *trial, plan.adaptive_min_blocks);
  if (trial->status == TrialStatus::kUnsupported && is_own_peer(clause, plan, unit.unit)) {
    measured.row.outcome = Outcome::kNotApplicable;
    measured.row.words = "the peer that the clause names is this device itself: it is measured with another peer only";
  }
  return measured;
}

std::vector<ClauseRow> device_rows(const Clause& clause, std::span<const Measured> measured) {
  std::vector<ClauseRow> rows;
  for (const Measured& unit : measured) {
    rows.push_back(unit.row);
    if (unit.bounds) judge_bounds(clause, unit.bounds->lower, unit.bounds->upper, rows.back());
    if (!unit.slowest.empty()) rows.back().words += "; " + unit.slowest;
  }
  return rows;
}

// A group's row once for each of its members: a device is accepted only if all that it had a part in is.
std::vector<ClauseRow> member_rows(const Plan& plan, std::span<const ClauseRow> groups) {
  std::vector<ClauseRow> rows;
  for (const ClauseRow& group : groups) {
    for (const PlannedTrial& trial : plan.trials) {
      if (trial.id != group.trial) continue;
      for (const Unit& member : trial.members) {
        rows.push_back(group);
        rows.back().unit = member;
      }
    }
  }
  return rows;
}

std::vector<double> values_of(const Clause& clause, const Plan& plan, const TrialTable& trials, const ClauseRow& row) {
  const PlannedTrial* planned = planned_trial(plan, clause, row.unit);
  const Trial* trial = trials.first(row.trial, row.unit);
  return planned == nullptr || trial == nullptr ? std::vector<double>{}
                                                : judged_values(*planned, clause.quantity, *trial);
}

UnitSummary summary_of(std::uint32_t place, std::uint32_t unit, std::span<const double> values) {
  UnitSummary summary;
  summary.clause = place;
  summary.unit = unit;
  summary.median = stats::median(values);
  for (std::size_t i = 0; i < kSketch; ++i) {
    summary.sketch[i] = static_cast<float>(stats::quantile(values, (static_cast<double>(i) + 0.5) / kSketch));
  }
  return summary;
}

}  // namespace

bool wants_all_units(const Clause& clause) { return clause.scope == Scope::kLot || !clause.of.empty(); }

BundleJudgement judge_bundle(const JudgeInput& input) {
  const Contract& contract = *input.contract;
  const Plan& plan = *input.plan;
  const TrialTable table(input.trials);
  const std::vector<JudgedUnit> units = judged_units(contract, plan, input.own_node_only, input.found_elsewhere);
  BundleJudgement judgement;
  for (const JudgedUnit& unit : units) judgement.units.push_back(unit.unit);
  for (const Clause& clause : contract.clauses) {
    if (!is_group(clause)) continue;
    for (const JudgedUnit& group : judged_groups(clause, units)) judgement.units.push_back(group.unit);
  }
  std::sort(judgement.units.begin(), judgement.units.end());
  judgement.units.erase(std::unique(judgement.units.begin(), judgement.units.end()), judgement.units.end());
  Verdict& verdict = judgement.verdict;
  verdict.contract_id = contract.id;
  verdict.contract_title = contract.title;
  verdict.supplier = contract.supplier;
  verdict.buyer = contract.buyer;
  verdict.contract_sha256 = plan.contract_sha256;
  verdict.plan_sha256 = input.plan_sha256;
  verdict.demonstration = contract.demonstration;
  verdict.simulated = plan.simulated;
  verdict.adaptive = plan.adaptive_min_blocks.has_value();

  std::vector<ClauseRow> of_units;  // what each unit is accepted by
  for (std::uint32_t place = 0; place < contract.clauses.size(); ++place) {
    const Clause& clause = contract.clauses[place];
    std::vector<Measured> measured;
    const bool group = is_group(clause);
    const bool sampled = clause.inspection == Inspection::kSampled && input.drawn != nullptr;
    for (const JudgedUnit& unit : group ? judged_groups(clause, units) : units) {
      if (sampled && !input.drawn->contains(unit.unit.node)) continue;
      measured.push_back(measure_unit(clause, plan, table, units, unit));
    }
    for (const Measured& unit : measured) {
      if (!unit.row.lower) continue;
      const std::vector<double> values = values_of(clause, plan, table, unit.row);
      const auto at = std::lower_bound(judgement.units.begin(), judgement.units.end(), unit.row.unit);
      judgement.summaries.push_back(
          summary_of(place, static_cast<std::uint32_t>(at - judgement.units.begin()), values));
    }
    ClauseTally tally;
    std::vector<Measured> of_all;
    std::vector<ClauseRow> rows;
    if (wants_all_units(clause)) {
      of_all = std::move(measured);
    } else {
      const std::vector<ClauseRow> own = device_rows(clause, measured);
      const std::vector<ClauseRow> members = group ? member_rows(plan, own) : own;
      of_units.insert(of_units.end(), members.begin(), members.end());
      rows = clause.scope == Scope::kNode && !group ? node_rows(clause, own) : own;
      for (const ClauseRow& row : rows) tally.add(clause, row);
    }
    judgement.of_all.push_back(std::move(of_all));
    verdict.clauses.push_back(summarise(clause, tally));
    if (verdict.adaptive) verdict.clauses.back().level.reset();
    judgement.tallies.push_back(std::move(tally));
    verdict.rows.insert(verdict.rows.end(), rows.begin(), rows.end());
  }
  verdict.reconciliation = reconcile(plan, table, units, of_units);
  verdict.findings = gather_findings(contract, plan, table, verdict.reconciliation);
  verdict.notes = gather_notes(contract, plan, table);
  return judgement;
}

}  // namespace geomsu
