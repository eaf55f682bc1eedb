#include "tests/unit/exporters/sample_report.hpp"

#include <fmt/format.h>

namespace geomsu::test {
namespace {

const char* const kHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const char* const kGemm =
    "gemm:accumulate=fp32,batch=1,data=normal,dtype=fp32,k=2048,layout=nn,m=2048,n=2048,out=fp32@node";

DeviceInfo device(const std::string& serial) {
  DeviceInfo info;
  info.backend = "cpu";
  info.name = "Example Processor";
  info.vendor = "Example";
  info.uuid = "uuid-" + serial;
  info.serial = serial;
  info.driver = "1.0";
  info.memory_bytes = 16'000'000'000;
  return info;
}

Trial trial(const std::string& id, const std::string& serial, TrialStatus status) {
  Trial made;
  made.id = id;
  made.unit = {"node1", serial};
  made.workload = kGemm;
  made.status = status;
  made.work_per_repeat = 17'179'869'184;
  made.repeats = 4;
  made.operand_sets = 4;
  made.algorithm = "example 1.0";
  made.deterministic = true;
  for (int i = 0; i < 5; ++i) {
    made.device_ns.push_back(500'000'000 + i * 1'000'000);
    made.wall_ns.push_back(made.device_ns.back() + 250'000 + i);
  }
  made.block_ns = made.device_ns;
  made.judged_by_device = true;
  made.late_ns = 12'000;
  made.clock = {ClockAudit::Verdict::kProved, "", 3.25, 5'000'000'000, 800, "device"};
  made.checks = {{"elements", status == TrialStatus::kOk, 256, 0.25, "256 of repeat 2"},
                 {"projection", true, 2048, 0.5, "sign vector drawn after the block"}};
  Telemetry before;
  before.temperature_c = 41.5;
  made.before = before;
  before.temperature_c = 63;
  made.after = before;
  made.energy = Energy{250.0, 245.5, 252.25, "counter", 31, ""};
  if (status != TrialStatus::kOk) made.energy = Energy{{}, 0, 0, "", 0, "2 readings of power; 3 at least are wanted"};
  made.verify_ns = 120'000'000;
  made.total_ns = 4'000'000'000;
  if (status != TrialStatus::kOk) {
    made.reason_code = "wrong answer";
    made.reason = "element 17 is 3.5 where 3.25 was expected";
    made.findings = {{"throttled", "thermal throttling in 1 of 5 blocks"}};
  }
  return made;
}

ClauseSummary gemm_clause() {
  ClauseSummary clause;
  clause.clause = "gemm-fp32";
  clause.paper_clause = "별표 1 제1항";
  clause.measure = "gemm.throughput";
  clause.workload = kGemm;
  clause.statistic = "median";
  clause.scope = "device";
  clause.bar_text = "140 GFLOP/s";
  clause.unit_text = "GFLOP/s";
  clause.dimension = Dimension::kFlops;
  clause.at_least = 133e9;
  clause.tolerance = 0.05;
  clause.tolerance_text = "5 %";
  clause.level = 0.96875;
  clause.provenance = "proposal p.41, 2026-02-01, by ACME";
  clause.outcome = Outcome::kFail;
  clause.reason = Reason::kTooSlow;
  clause.weakest = {"node1", "SN-B"};
  clause.lower = 120.5e9;
  clause.upper = 124e9;
  clause.estimate = 122.25e9;
  clause.units = 3;
  clause.passed = 1;
  clause.n = 5;
  clause.words = "the upper bound 124 GFLOP/s is below the bar 133 GFLOP/s";
  clause.repro = "geomsu run contract.yaml --only t001 --unit node1/SN-B";
  return clause;
}

ClauseRow row(const std::string& clause, const std::string& serial, Outcome outcome, Reason reason) {
  ClauseRow made;
  made.clause = clause;
  made.unit = {"node1", serial};
  made.outcome = outcome;
  made.reason = reason;
  made.attempt = 1;
  made.trial = "t001";
  return made;
}

ClauseSummary won_clause() {
  ClauseSummary clause = gemm_clause();
  clause.clause = "gemm-per-won";
  clause.paper_clause = "별표 1 제6항";
  clause.scope = "lot";
  clause.bar_text = "0.1 TFLOP/s/억원";
  clause.unit_text = "TFLOP/s/억원";
  clause.dimension = Dimension::kFlopsPerWon;
  clause.at_least = 0.1e12 / 1e8;
  clause.tolerance = 0;
  clause.tolerance_text = "0 %";
  clause.outcome = Outcome::kInconclusive;
  clause.reason = Reason::kUndecided;
  clause.lower = 0.0975e12 / 1e8;
  clause.upper = 0.1025e12 / 1e8;
  clause.estimate = 0.1e12 / 1e8;
  clause.weakest = {"lot", ""};
  clause.units = 1;
  clause.passed = 0;
  clause.repro = "";
  return clause;
}

}  // namespace

Report passing_report() {
  Report report;
  Verdict& verdict = report.verdict;
  verdict.contract_id = "example-1";
  verdict.contract_title = "예시 계약";
  verdict.supplier = "공급사 주식회사";
  verdict.buyer = "발주 기관";
  verdict.contract_sha256 = kHash;
  verdict.plan_sha256 = kHash;
  verdict.overall = verdict.clauses_overall = Outcome::kPass;
  verdict.exit_code = 0;
  verdict.sentence = "PASS: 1 of 1 clauses, 1 of 1 units";
  ClauseSummary clause = gemm_clause();
  clause.outcome = Outcome::kPass;
  clause.reason = Reason::kNone;
  clause.weakest = {"node1", "SN-A"};
  clause.lower = 141e9;
  clause.estimate = 142e9;
  clause.upper = 143e9;
  clause.units = clause.passed = 1;
  clause.words.clear();
  clause.repro.clear();
  verdict.clauses = {clause};
  ClauseRow good = row("gemm-fp32", "SN-A", Outcome::kPass, Reason::kNone);
  good.lower = 141e9;
  good.estimate = 142e9;
  good.upper = 143e9;
  good.n = 5;
  verdict.rows = {good};
  verdict.reconciliation = {{"SN-A"}, {"SN-A"}, {"SN-A"}, {"SN-A"}, {}, {}};
  report.plan.created = "2026-11-22T00:00:00.000Z";
  report.plan.tool = "geomsu 0.0.0 (example)";
  report.plan.node = "node1";
  report.plan.contract_sha256 = report.plan.suite_sha256 = report.plan.secret_sha256 = kHash;
  PlannedUnit unit;
  unit.unit = {"node1", "SN-A"};
  unit.backend = "cpu";
  unit.found = unit.contracted = true;
  unit.device = device("SN-A");
  report.plan.units = {unit};
  PlannedTrial planned;
  planned.id = "t001";
  planned.workload = *Workload::parse(kGemm);
  planned.units = {unit.unit};
  planned.blocks = 5;
  planned.clauses = {"gemm-fp32"};
  report.plan.trials = {planned};
  report.environment.node = "node1";
  report.environment.boot_id = "00000000-0000-4000-8000-000000000000";
  report.environment.tool = report.plan.tool;
  report.environment.tool_build = "GNU 12.2.0, Release";
  report.environment.utc_source = "unknown";
  report.environment.facts = {{"os", "Debian GNU/Linux 12"}, {"kernel", "6.1"}};
  report.environment.plugins = {{"cpu", "/opt/geomsu/geomsu_cpu.so", kHash, "", "0.0.0", "", ""}};
  report.trials = {trial("t001", "SN-A", TrialStatus::kOk)};
  report.overhead = {2'500'000'000, 6'000'000'000, 120'000'000, 380'000'000, 9'000'000'000};
  report.bundle_path = "bundle";
  report.started = "2026-11-22T00:00:01.000Z";
  report.ended = "2026-11-22T00:00:10.000Z";
  report.signature = "unsigned";
  report.custody = "supplier-run";
  return report;
}

Report sample_report() {
  Report report = passing_report();
  Verdict& verdict = report.verdict;
  verdict.demonstration = true;
  verdict.overall = verdict.clauses_overall = Outcome::kFail;
  verdict.exit_code = 1;
  verdict.sentence = "FAIL: 0 of 2 clauses passed, 1 of 3 units";
  verdict.clauses = {gemm_clause(), won_clause()};
  ClauseRow slow = row("gemm-fp32", "SN-B", Outcome::kFail, Reason::kTooSlow);
  slow.words = "the upper bound 124 GFLOP/s is below the bar 133 GFLOP/s";
  slow.lower = 120.5e9;
  slow.estimate = 122.25e9;
  slow.upper = 124e9;
  slow.n = 5;
  ClauseRow missing = row("gemm-fp32", "SN-C", Outcome::kNotRun, Reason::kNotFound);
  missing.words = "SN-C was contracted and not found";
  missing.trial.clear();
  ClauseRow lot = row("gemm-per-won", "", Outcome::kInconclusive, Reason::kUndecided);
  lot.unit = {"lot", ""};
  lot.words = "the interval straddles the bar";
  lot.trial.clear();
  verdict.rows.push_back(slow);
  verdict.rows.push_back(missing);
  verdict.rows.push_back(lot);
  verdict.reconciliation = {
      {"SN-A", "SN-B", "SN-C"}, {"SN-A", "SN-B", "SN-X"}, {"SN-A", "SN-B"}, {"SN-A"}, {"SN-C"}, {"SN-X"}};
  PerWon money;
  money.clause = "gemm-per-won";
  money.kind = "capex";
  money.price_won = 260'000'000;
  money.price_text = "2억 6,000만원";
  money.vat = "excluded";
  money.counted = "all";
  money.floor = 253.5e9;
  money.ceiling = 266.5e9;
  money.per_won_floor = 0.0975e12 / 1e8;
  money.per_won_ceiling = 0.1025e12 / 1e8;
  verdict.per_won = {money};
  verdict.findings = {{"throttled", "t001 on node1/SN-B: thermal throttling in 1 of 5 blocks"}};
  verdict.notes = {"demonstration: no acceptance follows from it"};
  PlannedUnit second = report.plan.units.front();
  second.unit.device = "SN-B";
  second.device = device("SN-B");
  PlannedUnit third;
  third.unit = {"node1", "SN-C"};
  third.contracted = true;
  PlannedUnit other = second;
  other.unit.device = "SN-X";
  other.device = device("SN-X");
  other.contracted = false;
  report.plan.units = {report.plan.units.front(), second, third, other};
  report.plan.trials.front().units.push_back(second.unit);
  report.trials.push_back(trial("t001", "SN-B", TrialStatus::kInvalid));
  return report;
}

Report fleet_report(std::size_t units) {
  Report report = passing_report();
  Verdict& verdict = report.verdict;
  const ClauseRow good = verdict.rows.front();
  verdict.rows.clear();
  report.plan.units.clear();
  report.trials.clear();
  verdict.reconciliation = {};
  for (std::size_t i = 0; i < units; ++i) {
    const std::string serial = fmt::format("SN-{:05}", i);
    ClauseRow made = good;
    made.unit.device = serial;
    if (i % 10 == 7) {
      made.outcome = Outcome::kFail;
      made.reason = Reason::kTooSlow;
    }
    verdict.rows.push_back(made);
    verdict.reconciliation.contracted.push_back(serial);
    if (made.outcome == Outcome::kPass) verdict.reconciliation.accepted.push_back(serial);
    PlannedUnit planned;
    planned.unit = made.unit;
    planned.found = planned.contracted = true;
    report.plan.units.push_back(planned);
    report.trials.push_back(trial("t001", serial, TrialStatus::kOk));
  }
  return report;
}

Report hostile_report(const std::string& text) {
  Report report = sample_report();
  Verdict& verdict = report.verdict;
  for (std::string* field : {&verdict.contract_id, &verdict.contract_title, &verdict.supplier, &verdict.buyer,
                             &verdict.contract_sha256, &verdict.plan_sha256, &verdict.simulated, &verdict.sentence}) {
    *field = text;
  }
  for (ClauseSummary& clause : verdict.clauses) {
    for (std::string* field :
         {&clause.clause, &clause.paper_clause, &clause.measure, &clause.workload, &clause.statistic, &clause.scope,
          &clause.bar_text, &clause.unit_text, &clause.tolerance_text, &clause.provenance, &clause.words, &clause.repro,
          &clause.weakest.node, &clause.weakest.device}) {
      *field = text;
    }
  }
  for (ClauseRow& made : verdict.rows) {
    for (std::string* field : {&made.clause, &made.words, &made.trial, &made.unit.node, &made.unit.device})
      *field = text;
  }
  Reconciliation& recon = verdict.reconciliation;
  for (std::vector<std::string>* serials :
       {&recon.contracted, &recon.found, &recon.tested, &recon.accepted, &recon.missing, &recon.uncontracted}) {
    serials->assign(2, text);
  }
  for (PerWon& money : verdict.per_won) {
    for (std::string* field : {&money.clause, &money.kind, &money.price_text, &money.vat, &money.counted})
      *field = text;
  }
  verdict.findings = {{text, text}};
  verdict.notes = {text};
  for (PlannedUnit& planned : report.plan.units) {
    planned.unit = {text, text};
    planned.backend = text;
    if (planned.device) planned.device->name = planned.device->vendor = *(planned.device->driver = text);
  }
  for (Trial& made : report.trials) {
    for (std::string* field : {&made.id, &made.unit.node, &made.unit.device, &made.workload, &made.reason_code,
                               &made.reason, &made.algorithm, &made.clock.reason, &made.clock.domain}) {
      *field = text;
    }
    for (Check& check : made.checks) check.name = check.detail = text;
    made.findings = {{text, text}};
  }
  Environment& environment = report.environment;
  for (std::string* field : {&environment.node, &environment.boot_id, &environment.tool, &environment.tool_build,
                             &environment.utc_source, &report.plan.tool, &report.plan.node, &report.plan.suite_sha256,
                             &report.bundle_path, &report.started, &report.ended, &report.signature, &report.custody}) {
    *field = text;
  }
  environment.facts = {{text, text}};
  environment.plugins = {{text, text, text, text, text, text, text}};
  fill_lot(verdict, text);
  return report;
}

}  // namespace geomsu::test
