// Writes bundles and their reports for the test of the schemas: one in which everything that may be absent is there,
// one in which it is not; and the verdict and report of a lot of bundles. The bytes come from the writers that geomsu
// itself uses.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>

#include "harness/base/files.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/model/report.hpp"
#include "reports/exporters/exporters.hpp"

namespace geomsu {
namespace {

const Unit kUnit{"n1", "S1"};
const std::string kWorkload = "gemm:accumulate=fp32,batch=1,data=normal,dtype=fp32,k=8,layout=nn,m=8,n=8,out=fp32@node";

DeviceInfo device(bool full) {
  DeviceInfo made;
  made.backend = "cpu";
  made.name = "name";
  made.uuid = "uuid";
  if (!full) return made;
  made.vendor = "vendor";
  made.serial = "S1";
  made.pci_address = "0000:01:00.0";
  made.driver = "1.2";
  made.firmware = "3.4";
  made.partition = "0";
  made.memory_bytes = std::numeric_limits<std::uint64_t>::max();
  made.pcie_generation = 5;
  made.pcie_width = 16;
  made.attributes = {{"peak.fp32", "1e12"}, {"peak.source", "lanes"}};
  return made;
}

Plan plan(bool full) {
  Plan made;
  made.created = "2026-11-22T00:00:00.000Z";
  made.tool = "geomsu 0.1.0";
  made.node = "n1";
  made.contract_sha256 = sha256_hex("contract");
  made.suite_sha256 = sha256_hex("suite");
  made.simulated = full ? "fake" : "";
  made.suite_instead = full ? "quick" : "";
  PlannedUnit unit;
  unit.unit = kUnit;
  unit.contracted = true;
  unit.found = full;
  if (full) {
    unit.backend = "cpu";
    unit.device = device(true);
  }
  made.units.push_back(unit);
  if (!full) return made;
  PlannedTrial trial;
  trial.id = "t001";
  trial.workload = Workload::parse(kWorkload).value();
  trial.units = {kUnit};
  trial.clauses = {"a", "b"};
  trial.peak = 67e12;
  trial.sustained = Sustained{2, 60'000'000'000};
  trial.thin = 2;
  made.adaptive_min_blocks = 10;
  made.budget_ns = 900'000'000'000;
  made.trials.push_back(trial);
  return made;
}

Telemetry reading() {
  Telemetry made;
  made.mono_ns = 1;
  made.utc_ns = 2;
  made.power_w = made.energy_j = made.temperature_c = made.memory_temperature_c = 1.5;
  made.clock_mhz = made.memory_clock_mhz = made.memory_used_bytes = made.foreign_load = 0.25;
  made.throttle = made.throttle_events = made.ecc_corrected = made.ecc_uncorrected = 3;
  made.link_replays = made.fault_events = 4;
  return made;
}

Trial trial() {
  Trial made;
  made.id = "t001";
  made.energy = Energy{12.5, 12.25, 13, "counter", 31, ""};
  made.unit = kUnit;
  made.workload = kWorkload;
  made.work_per_repeat = 1024;
  made.repeats = 2;
  made.operand_sets = 2;
  made.algorithm = "sgemm";
  made.block_ns = made.device_ns = made.wall_ns = {1, 2, 3};
  made.sustained = Sustained{2, 60'000'000'000};
  made.block_at_ns = {0, 10, 30'000'000'000};
  made.block_session = {1, 1, 2};
  made.block_throttle = {0, 1, 0};
  made.block_counters = {{"ecc_corrected", {0, 1, 3}}, {"throttle_events", {0, 1, 1}}};
  made.judged_by_device = true;
  made.start_at_mono_ns = 5;
  made.late_ns = 6;
  made.clock = {ClockAudit::Verdict::kProved, "", 1.5, 6'000'000'000, 40, "host"};
  made.checks = {{"elements", true, 256, 0.5, "drawn"},
                 {"rms", false, 0, std::numeric_limits<double>::infinity(), "over"}};
  made.digests = {"00ff", "00ff", "00ff"};
  made.before = reading();
  made.after = Telemetry{};
  made.findings = {{"throttled", "words"}};
  return made;
}

Trial bare_trial() {
  Trial made;
  made.id = "t001";
  made.unit = kUnit;
  made.attempt = 2;
  made.sitting = 3;
  made.workload = kWorkload;
  made.sustained = Sustained{2, 60'000'000'000};
  made.status = TrialStatus::kError;
  made.reason_code = "device error";
  made.reason = "the worker died";
  made.clock.reason = "not enough pairs";
  made.clock.domain = "none";
  return made;
}

Verdict verdict(bool full) {
  Verdict made;
  made.contract_id = "c";
  made.contract_title = "제목";
  made.contract_sha256 = made.plan_sha256 = sha256_hex("x");
  made.sentence = "…";
  ClauseSummary clause;
  clause.clause = "a";
  clause.measure = "gemm.throughput";
  clause.workload = kWorkload;
  clause.statistic = "median";
  clause.scope = "device";
  clause.dimension = Dimension::kFlops;
  clause.at_least = 1e12;
  clause.weakest = kUnit;
  ClauseRow row;
  row.clause = "a";
  row.unit = kUnit;
  if (full) {
    clause.outcome = row.outcome = Outcome::kPass;
    clause.level = 0.97;
    clause.lower = clause.estimate = clause.upper = row.lower = row.estimate = row.upper = 2e12;
    PerWon figure;
    figure.clause = "a";
    figure.kind = "capex";
    figure.price_won = 1'000'000;
    figure.floor = figure.ceiling = figure.per_won_floor = figure.per_won_ceiling = 1.5;
    figure.break_even_won = 7;
    made.per_won.push_back(figure);
    made.reconciliation = {{"S1"}, {"S1"}, {"S1"}, {"S1"}, {}, {"S9"}};
    made.findings = {{"ecc", "words"}};
    made.notes = {"unsigned"};
    made.overall = Outcome::kInvalid;
    made.clauses_overall = Outcome::kPass;
    made.simulated = "fake";
    made.adaptive = true;
    clause.sustained = Sustained{2, 60'000'000'000};
    clause.dependence = row.dependence = Dependence{2, 59'000'000'000, 0.1, 3.5, 0.17, -0.01, 0.4, 1, false};
    clause.at_most = 3e12;
    clause.severity = "minor";
    clause.inspection = "sampled";
    clause.outliers = "fail";
    clause.sku = "h200";
    clause.of = "unit_medians";
    clause.looks = 2;
    clause.look_level = 0.975;
    row.look = 2;
    row.p_fail = 0.5;
  } else {
    row.reason = clause.reason = Reason::kNotFound;
  }
  made.clauses.push_back(clause);
  made.rows.push_back(row);
  return made;
}

// A lot of three bundles, one of them refused, with a plan by attributes.
Verdict lot_verdict() {
  Verdict made = verdict(false);
  made.plan_sha256.clear();
  LotVerdict lot;
  lot.decision = LotVerdict::Decision::kRejected;
  lot.tranche = "1차";
  lot.kind = "hypergeometric";
  lot.plan = "hypergeometric: 2 of 3 nodes";
  lot.words = "1 nonconforming, 0 accepted";
  lot.lot_size = 3;
  lot.sample_size = 2;
  lot.inspected = 2;
  lot.acceptance_number = 0;
  lot.drawn = {"n1", "n2"};
  lot.nonconforming = {"n1"};
  lot.draw = "seed …";
  lot.characteristic = {{0, 1.0}, {1, 1.0 / 3}, {2, 0}, {3, 0}};
  lot.dispositions = {{"n3", false}};
  lot.notes = {"words"};
  made.lot = lot;
  FleetFigure figure;
  figure.clause = "a";
  figure.units = 3;
  figure.median = figure.most = 2e12;
  figure.least = 1e12;
  figure.medoid = {"n2", "S2"};
  figure.outliers = {{kUnit, 1e12, std::nullopt, 0.5}, {{"n3", "S3"}, 2e12, -6.5, std::nullopt}};
  made.fleet = {figure};
  made.bundles = {{"a", "n1", sha256_hex("x"), "2026-11-22T00:00:00.000Z", Outcome::kNotRun, ""},
                  {"b", "", "", "", Outcome::kNotRun, "no manifest"}};
  made.rows_left_out = 5;
  return made;
}

void write_lot(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  Report report;
  report.verdict = lot_verdict();
  report.signature = "unsigned";
  report.custody = "supplier-run";
  write_file_atomic(folder / "verdict.json", verdict_json(report.verdict));
  write_file_atomic(folder / "verdict.jsonl", verdict_jsonl(report.verdict));
  write_file_atomic(folder / "report.json", report_json(report));
}

void write(const std::filesystem::path& folder, bool full) {
  std::filesystem::create_directories(folder);
  const std::filesystem::path bundle = folder / "bundle";
  Environment environment;
  environment.node = "n1";
  if (full) {
    environment.boot_id = "b";
    environment.tool = environment.tool_build = "t";
    environment.utc_synchronised = true;
    environment.utc_source = "ntp";
    environment.facts = {{"os", "Debian"}};
    environment.plugins = {{"cpu", "/x/geomsu_cpu.so", sha256_hex("x"), "id", "1", "", ""},
                           {"fake", "/x/geomsu_fake.so", "", "", "", "fake", "refused: words"}};
    environment.devices = {device(true), device(false)};
  }
  const Secret secret = random_secret();
  Plan planned = plan(full);
  planned.secret_sha256 = secret_sha256(secret);
  const auto writer = BundleWriter::create(bundle, planned, "contract", "suite", environment, secret);
  std::vector<Trial> trials;
  if (full) {
    trials = {trial(), bare_trial()};
    writer->add(trials[0], {{1, 4, 7}, {2, 5, 8}, {{1, 2}, {4, 5}, {7, 8}}});
    writer->add(trials[1], {});
    writer->add_telemetry(kUnit, {reading(), Telemetry{}});
  }
  writer->seal(verdict(full));
  Report report;
  report.verdict = verdict(full);
  report.plan = planned;
  report.environment = environment;
  report.trials = trials;
  report.signature = "unsigned";
  report.custody = "supplier-run";
  write_file_atomic(folder / "report.json", report_json(report));
}

}  // namespace
}  // namespace geomsu

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_bundle FOLDER\n", stderr);
    return 64;
  }
  try {
    geomsu::write(std::filesystem::path(argv[1]) / "full", true);
    geomsu::write(std::filesystem::path(argv[1]) / "bare", false);
    geomsu::write_lot(std::filesystem::path(argv[1]) / "lot");
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 74;
  }
  return 0;
}
