#include "harness/judge/judge.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
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

Verdict judge(const JudgeInput& input) {
  const Contract& contract = *input.contract;
  BundleJudgement judgement = judge_bundle(input);
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
    verdict.clauses[place] = summarise(clause, std::span(&lot.row, 1));
    if (verdict.adaptive) verdict.clauses[place].level.reset();
    rows.push_back(std::move(lot.row));
  }
  verdict.rows = std::move(rows);
  conclude(verdict);
  if (auto note = false_fails_note(verdict.clauses, judgement.tallies)) verdict.notes.push_back(std::move(*note));
  verdict.sentence = sentence(verdict);
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

Terms read_terms(const Evidence& evidence) {
  Loaded<Suite> suite = parse_suite(evidence.suite_yaml, "suite.yaml");
  if (!suite.value) {
    throw Error(ErrorCode::kBadData, "does not parse:" + first_errors(suite.diagnostics),
                (evidence.path / "suite.yaml").string());
  }
  suite.value->instead = !evidence.plan.suite_instead.empty();
  Loaded<Contract> contract =
      parse_contract(evidence.contract_yaml, "contract.yaml", &*suite.value, nullptr, &bound_exists);
  if (!contract.value) {
    throw Error(ErrorCode::kBadData, "does not parse:" + first_errors(contract.diagnostics),
                (evidence.path / "contract.yaml").string());
  }
  return {*std::move(contract.value), *std::move(suite.value)};
}

Verdict judge(const Evidence& evidence) {
  const Terms terms = read_terms(evidence);
  return judge(evidence, terms.contract, terms.suite);
}

Verdict judge(const Evidence& evidence, const Contract& contract, const Suite& suite) {
  check_plan(evidence, suite, contract);
  Verdict verdict = judge(contract, evidence.plan, evidence.plan_sha256, evidence.trials);
  add_environment_findings(verdict, evidence.environment);
  return verdict;
}

}  // namespace geomsu
