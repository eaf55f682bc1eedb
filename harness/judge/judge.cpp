#include "harness/judge/judge.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/judge/check_plan.hpp"
#include "harness/judge/clause_summary.hpp"
#include "harness/judge/judgement.hpp"
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

void finish(Verdict& verdict, Outcome at_least) {
  std::vector<Outcome> outcomes;
  for (const ClauseSummary& clause : verdict.clauses) outcomes.push_back(clause.outcome);
  verdict.clauses_overall = outcomes.empty() ? Outcome::kNotRun : worst(outcomes);
  outcomes.push_back(at_least);
  verdict.overall = worst(verdict.clauses_overall, at_least);
  verdict.exit_code = exit_status(outcomes);
  if (!verdict.simulated.empty()) {
    verdict.overall = Outcome::kInvalid;
    verdict.exit_code = 2;
  }
  verdict.sentence = sentence(verdict);
}

Verdict judge(const JudgeInput& input, Outcome at_least) {
  const Contract& contract = *input.contract;
  BundleJudgement judgement = judge_bundle(input);
  std::vector<FleetFigure> fleet = fleet_figures(contract, std::span(&judgement, 1));
  std::vector<Doubt> doubts(input.doubts.begin(), input.doubts.end());
  for (Doubt& doubt : together_doubts(contract, std::span(&judgement, 1))) doubts.push_back(std::move(doubt));
  for (Doubt& doubt : outlier_doubts(contract, fleet)) doubts.push_back(std::move(doubt));
  if (doubts.size() > input.doubts.size()) {
    JudgeInput again = input;
    again.doubts = doubts;
    judgement = judge_bundle(again);
  }
  Verdict verdict = std::move(judgement.verdict);
  std::vector<ClauseRow> rows;
  std::size_t next = 0;  // of the bundle's rows, which stand in the contract's order
  for (std::size_t place = 0; place < contract.clauses.size(); ++place) {
    const Clause& clause = contract.clauses[place];
    if (!wants_all_units(clause)) {
      while (next < verdict.rows.size() && verdict.rows[next].clause == clause.id)
        rows.push_back(std::move(verdict.rows[next++]));
      continue;
    }
    LotJudgement lot = judge_lot(contract, clause, judgement.of_all[place]);
    if (!clause.per.empty()) verdict.per_won.push_back(std::move(lot.figure));
    ClauseTally tally;
    tally.add(clause, lot.row);
    verdict.clauses[place] = summarise(contract, clause, tally, verdict.adaptive);
    rows.push_back(std::move(lot.row));
  }
  verdict.rows = std::move(rows);
  for (Finding& finding : outlier_findings(contract, fleet)) verdict.findings.push_back(std::move(finding));
  verdict.fleet = std::move(fleet);
  if (auto note = false_fails_note(judgement.false_fails)) verdict.notes.push_back(std::move(*note));
  finish(verdict, at_least);
  return verdict;
}

Verdict judge(const Contract& contract, const Plan& plan, std::string_view plan_sha256, std::span<const Trial> trials) {
  JudgeInput input;
  input.contract = &contract;
  input.plan = &plan;
  input.plan_sha256 = plan_sha256;
  input.trials = trials;
  return judge(input);
}

void add_environment_findings(Verdict& verdict, const Environment& environment) {
  if (auto finding = more_devices_on_pci(environment)) verdict.findings.push_back(std::move(*finding));
  for (Finding& finding : one_part_twice(environment)) verdict.findings.push_back(std::move(finding));
  for (const DeviceInfo& device : environment.devices) {
    for (Finding& finding : device_findings(device, environment.node)) verdict.findings.push_back(std::move(finding));
  }
}

Terms read_terms(const Evidence& evidence) {
  Loaded<Suite> suite = parse_suite(evidence.suite_yaml, "suite.yaml");
  if (!suite.value) {
    throw Error(ErrorCode::kBadData, "does not parse:" + first_errors(suite.diagnostics),
                (evidence.path / "suite.yaml").string());
  }
  suite.value->instead = !evidence.plan.suite_instead.empty();
  Loaded<Contract> contract = parse_contract(evidence.contract_yaml, "contract.yaml", &*suite.value, nullptr,
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
  return {*std::move(contract.value), *std::move(suite.value)};
}

Verdict judge(const Evidence& evidence) {
  const Terms terms = read_terms(evidence);
  return judge(evidence, terms.contract, terms.suite, is_one_of_many(terms.contract, evidence.plan));
}

bool is_one_of_many(const Contract& contract, const Plan& plan) {
  const auto& units = contract.delivery.units;
  const auto elsewhere = std::count_if(units.begin(), units.end(), [&plan](const DeliveredUnit& unit) {
    return !unit.node.empty() && unit.node != plan.node;
  });
  return elsewhere > kSpelledOut;
}

Verdict judge(const Evidence& evidence, const Contract& contract, const Suite& suite, bool one_of_many) {
  check_plan(evidence, suite, contract);
  JudgeInput input;
  input.contract = &contract;
  input.plan = &evidence.plan;
  input.plan_sha256 = evidence.plan_sha256;
  input.trials = evidence.trials;
  input.environment = &evidence.environment;
  // A contract that fixes its suite's bytes is met by evidence of that suite alone.
  const bool other_suite = !contract.suite_sha256.empty() && !evidence.plan.suite_instead.empty();
  input.own_node_only = one_of_many;
  Outcome at_least = one_of_many ? Outcome::kNotRun : Outcome::kNotApplicable;
  if (other_suite) at_least = Outcome::kInvalid;
  Verdict verdict = judge(input, at_least);
  if (one_of_many) {
    verdict.notes.push_back(
        "the delivery list has more than 1000 units on other nodes: they are not in this bundle, so it accepts nothing "
        "alone; judge the directory that holds all bundles");
  }
  add_environment_findings(verdict, evidence.environment);
  return verdict;
}

}  // namespace geomsu
