#include "harness/judge/judge.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/judge/clause_summary.hpp"
#include "harness/judge/lot_row.hpp"
#include "harness/judge/notes.hpp"
#include "harness/judge/reconcile.hpp"
#include "harness/judge/scope.hpp"
#include "harness/judge/trial_row.hpp"
#include "harness/model/device_findings.hpp"
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

void conclude(Verdict& verdict) {
  std::vector<Outcome> outcomes;
  for (const ClauseSummary& clause : verdict.clauses) outcomes.push_back(clause.outcome);
  verdict.clauses_overall = outcomes.empty() ? Outcome::kNotRun : worst(outcomes);
  verdict.overall = verdict.clauses_overall;
  verdict.exit_code = exit_status(outcomes);
  if (verdict.simulated.empty()) return;
  verdict.overall = Outcome::kInvalid;
  verdict.exit_code = 2;
}

// The plan's samples are those that suite and contract fix: nobody has planned fewer, or an early stop, beside them.
void check_plan(const Evidence& evidence, const Suite& suite, const Contract& contract) {
  const auto refuse = [&evidence](std::string words) {
    throw Error(ErrorCode::kBadData, std::move(words), (evidence.path / "plan.json").string(),
                "the plan is not of this suite");
  };
  if (evidence.plan.adaptive_min_blocks != suite.adaptive_min_blocks) refuse("its early stop is not the suite's");
  for (const PlannedTrial& trial : evidence.plan.trials) {
    std::uint32_t blocks = suite.blocks, thin = 1;
    for (const Clause& clause : contract.clauses) {
      if (std::find(trial.clauses.begin(), trial.clauses.end(), clause.id) == trial.clauses.end()) continue;
      if (clause.sustained) thin = suite.thin_of(clause.workload);
      blocks = judged_blocks(suite, contract, clause) * thin;
    }
    if (trial.blocks == blocks && trial.thin == thin && trial.block_min_ns == suite.block_min_ns) continue;
    refuse(fmt::format("trial {} has {} blocks of {} ns at least, and the suite says {} of {} ns",
                       escape_terminal(trial.id), trial.blocks, trial.block_min_ns, blocks, suite.block_min_ns));
  }
}

std::string first_errors(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  int shown = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Diagnostic::Severity::kError || ++shown > 5) continue;
    text += "\n" + diagnostic.text();
  }
  return text;
}

}  // namespace

bool bound_exists(std::string_view statistic, std::uint32_t n, double confidence, std::uint32_t* needed_n) {
  const std::optional<stats::Statistic> known = stats::parse_statistic(statistic);
  if (needed_n != nullptr) *needed_n = known ? static_cast<std::uint32_t>(stats::smallest_n(*known, confidence)) : 0;
  return known && stats::bound_ranks(*known, n, confidence).has_value();
}

Verdict judge(const Contract& contract, const Plan& plan, std::string_view plan_sha256, std::span<const Trial> trials) {
  const TrialTable table(trials);
  const std::vector<JudgedUnit> units = judged_units(contract, plan);
  Verdict verdict;
  verdict.contract_id = contract.id;
  verdict.contract_title = contract.title;
  verdict.supplier = contract.supplier;
  verdict.buyer = contract.buyer;
  verdict.contract_sha256 = plan.contract_sha256;
  verdict.plan_sha256 = plan_sha256;
  verdict.demonstration = contract.demonstration;
  verdict.simulated = plan.simulated;
  verdict.adaptive = plan.adaptive_min_blocks.has_value();

  std::vector<ClauseRow> of_units;  // what each unit is accepted by
  for (const Clause& clause : contract.clauses) {
    std::vector<Measured> measured;
    const bool group = is_group(clause);
    for (const JudgedUnit& unit : group ? judged_groups(clause, units) : units)
      measured.push_back(measure_unit(clause, plan, table, units, unit));
    std::vector<ClauseRow> rows;
    if (clause.scope == Scope::kLot) {
      LotJudgement lot = judge_lot(contract, clause, measured);
      verdict.per_won.push_back(std::move(lot.figure));
      rows.push_back(std::move(lot.row));
    } else {
      const std::vector<ClauseRow> own = device_rows(clause, measured);
      const std::vector<ClauseRow> members = group ? member_rows(plan, own) : own;
      of_units.insert(of_units.end(), members.begin(), members.end());
      rows = clause.scope == Scope::kNode && !group ? node_rows(clause, own) : own;
    }
    verdict.clauses.push_back(summarise(clause, rows));
    if (verdict.adaptive) verdict.clauses.back().level.reset();
    verdict.rows.insert(verdict.rows.end(), rows.begin(), rows.end());
  }
  verdict.reconciliation = reconcile(plan, table, units, of_units);
  conclude(verdict);
  verdict.findings = gather_findings(contract, plan, table, verdict.reconciliation);
  verdict.notes = gather_notes(contract, plan, table, verdict);
  verdict.sentence = sentence(verdict);
  return verdict;
}

void add_environment_findings(Verdict& verdict, const Environment& environment) {
  if (auto finding = more_devices_on_pci(environment)) verdict.findings.push_back(std::move(*finding));
  for (Finding& finding : one_part_twice(environment)) verdict.findings.push_back(std::move(finding));
  for (const DeviceInfo& device : environment.devices) {
    for (Finding& finding : device_findings(device, environment.node)) verdict.findings.push_back(std::move(finding));
  }
}

Verdict judge(const Evidence& evidence) {
  Loaded<Suite> suite = parse_suite(evidence.suite_yaml, "suite.yaml");
  if (suite.value) suite.value->instead = !evidence.plan.suite_instead.empty();
  if (!suite.value) {
    throw Error(ErrorCode::kBadData, "does not parse:" + first_errors(suite.diagnostics),
                (evidence.path / "suite.yaml").string());
  }
  const Loaded<Contract> contract = parse_contract(evidence.contract_yaml, "contract.yaml", &*suite.value, nullptr,
                                                   &bound_exists, list_reader(evidence.lists));
  if (!contract.value) {
    throw Error(ErrorCode::kBadData, "does not parse:" + first_errors(contract.diagnostics),
                (evidence.path / "contract.yaml").string());
  }
  if (contract.value->delivery.files.size() != evidence.lists.size()) {
    throw Error(ErrorCode::kBadData,
                fmt::format("names {} delivery lists, and the bundle holds {}", contract.value->delivery.files.size(),
                            evidence.lists.size()),
                (evidence.path / "contract.yaml").string(), "take the bundle from its source again");
  }
  check_plan(evidence, *suite.value, *contract.value);
  Verdict verdict = judge(*contract.value, evidence.plan, evidence.plan_sha256, evidence.trials);
  add_environment_findings(verdict, evidence.environment);
  return verdict;
}

}  // namespace geomsu
