#include "tests/unit/evidence/sample_run.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "harness/base/clock.hpp"
#include "harness/stats/order.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::sample {
namespace {

constexpr std::int64_t kBegin = 1'795'000'000'000'000'000;  // 2026-11-18
constexpr std::int64_t kSecondNs = 1'000'000'000;

bool any_bound(std::string_view statistic, std::uint32_t n, double confidence, std::uint32_t* needed) {
  const auto known = stats::parse_statistic(statistic);
  if (needed != nullptr) *needed = known ? static_cast<std::uint32_t>(stats::smallest_n(*known, confidence)) : 0;
  return known && stats::bound_ranks(*known, n, confidence).has_value();
}

DeviceInfo device(std::uint32_t index, const std::string& serial) {
  DeviceInfo info;
  info.index = index;
  info.backend = "sample";
  info.name = "Sample \"X1\" <b>&";  // what a device may call itself
  info.vendor = "샘플";
  info.uuid = "uuid-" + serial;
  info.serial = serial;
  info.firmware = "1.0";
  info.memory_bytes = 1u << 30;
  info.attributes = {{"peak.fp32", "1e12"}};
  return info;
}

}  // namespace

std::string contract_yaml() {
  return R"(id: sample
title: 견본 검수
buyer: 발주기관
supplier: 공급사
date: 2026-11-01
demonstration: false
suite: sample
delivery: {tranche: 1차, units: [{serial: "S-001", node: node01}, {serial: "S-002", node: node01}]}
price: {amount: 1억원, vat: excluded, counted_units: all}
clauses:
  - id: gemm
    clause: "별표 1 제1항"
    measure: gemm.throughput
    workload: {dtype: fp32, accumulate: fp32, m: 1024, n: 1024, k: 1024, layout: nn, data: normal, concurrency: node}
    scope: device
    statistic: median
    at_least: 100 GFLOP/s
    tolerance: 0 %
    confidence: 95 %
    if_unsupported: fail
    if_inconclusive: reinspect
    provenance: {source: "sheet p.1", date: 2026-10-01, by: tests, concurrency: node}
  - id: triad
    clause: "별표 1 제2항"
    measure: memory.bandwidth
    workload: {kind: triad, dtype: fp64, bytes: 1048576, concurrency: node}
    scope: device
    statistic: median
    at_least: 20 GB/s
    tolerance: 5 %
    confidence: 95 %
    if_unsupported: not_applicable
    if_inconclusive: reinspect
    provenance: {source: "sheet p.2", date: 2026-10-01, by: tests, concurrency: node}
  - id: node-gemm
    clause: "별표 1 제3항"
    measure: gemm.throughput
    workload: {dtype: fp32, accumulate: fp32, m: 1024, n: 1024, k: 1024, layout: nn, data: normal, concurrency: node}
    scope: node
    statistic: median
    at_least: 100 GFLOP/s
    tolerance: 0 %
    confidence: 95 %
    if_unsupported: fail
    if_inconclusive: reinspect
    provenance: {source: "sheet p.1", date: 2026-10-01, by: tests, concurrency: node}
  - id: gemm-per-won
    clause: "별표 1 제4항"
    measure: gemm.throughput
    workload: {dtype: fp32, accumulate: fp32, m: 1024, n: 1024, k: 1024, layout: nn, data: normal, concurrency: node}
    scope: lot
    per: capex
    statistic: median
    at_least: 0.2 TFLOP/s/억원
    tolerance: 0 %
    confidence: 95 %
    if_unsupported: fail
    if_inconclusive: reinspect
    provenance: {source: "proposal p.3", date: 2026-10-01, by: tests, concurrency: node}
)";
}

std::string suite_yaml() { return "name: sample\nblocks: 10\nblock_min: 100 ms\nwarmup: 100 ms\nsoak: 1 s\n"; }

Contract contract_of(const std::string& yaml) {
  const Loaded<Suite> suite = parse_suite(suite_yaml(), "suite.yaml");
  if (!suite.value) throw std::runtime_error(suite.diagnostics.front().text());
  const Loaded<Contract> loaded = parse_contract(yaml, "contract.yaml", &*suite.value, nullptr, &any_bound);
  if (loaded.value) return *loaded.value;
  std::string text;
  for (const Diagnostic& diagnostic : loaded.diagnostics) text += diagnostic.text() + "\n";
  throw std::runtime_error(text);
}

Contract contract() { return contract_of(contract_yaml()); }

Secret secret() {
  Secret bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
  return bytes;
}

Plan plan(const Contract& contract) {
  Plan plan;
  plan.created = utc_text(kBegin);
  plan.tool = "geomsu 0.1.0 (test)";
  plan.node = "node01";
  plan.contract_sha256 = sha256_hex(contract_yaml());
  plan.suite_sha256 = sha256_hex(suite_yaml());
  plan.secret_sha256 = secret_sha256(secret());
  plan.soak_ns = kSecondNs;
  plan.units = {{kFirst, "sample", 0, true, true, device(0, "S-001")},
                {kSecond, "sample", 1, true, true, device(1, "S-002")}};
  for (const std::string& op : {std::string("gemm"), std::string("memory")}) {
    PlannedTrial trial;
    trial.id = op == "gemm" ? "t001" : "t002";
    trial.units = {kFirst, kSecond};
    trial.blocks = kBlocks;
    trial.block_min_ns = 100'000'000;
    trial.warmup_ns = 100'000'000;
    for (const Clause& clause : contract.clauses) {
      if (clause.operation != op) continue;
      trial.workload = clause.workload;
      trial.clauses.push_back(clause.id);
    }
    if (!trial.clauses.empty()) plan.trials.push_back(std::move(trial));
  }
  return plan;
}

Plan plan() { return plan(contract()); }

Environment environment() {
  Environment environment;
  environment.node = "node01";
  environment.boot_id = "b0071d";
  environment.tool = "geomsu 0.1.0 (test)";
  environment.tool_build = "by hand";
  environment.utc_source = "unknown";
  environment.facts = {{"os", "none"}, {"memory.bytes", "1073741824"}};
  environment.plugins = {{"sample", "/opt/sample.so", std::string(64, 'a'), "1d", "1.0", "", ""}};
  environment.devices = {device(0, "S-001"), device(1, "S-002")};
  return environment;
}

Trial trial(const Plan& plan, const std::string& id, const Unit& unit, double rate) {
  const PlannedTrial* planned = nullptr;
  for (const PlannedTrial& candidate : plan.trials) {
    if (candidate.id == id) planned = &candidate;
  }
  if (planned == nullptr) throw std::runtime_error("the sample's plan has no trial " + id);
  Trial trial;
  trial.id = id;
  trial.unit = unit;
  trial.workload = planned->workload.name();
  trial.work_per_repeat = ops::find(planned->workload.op)->work(planned->workload.params);
  trial.repeats = static_cast<std::uint64_t>(std::ceil(0.11 * rate / static_cast<double>(trial.work_per_repeat)));
  trial.operand_sets = 2;
  trial.algorithm = "sample-1";
  trial.deterministic = true;
  trial.memory_bytes = 12'582'912;
  const double ideal_ns = static_cast<double>(trial.work_per_repeat) * static_cast<double>(trial.repeats) * 1e9 / rate;
  for (std::uint32_t i = 0; i < planned->blocks; ++i) {
    const double slower = i + 1 == planned->blocks ? 1.01 : i % 2 == 1 ? 1.001 : 1.0;
    trial.block_ns.push_back(static_cast<std::int64_t>(std::floor(ideal_ns * slower)));
    trial.wall_ns.push_back(trial.block_ns.back() + 50'000);
    trial.digests.push_back("0123456789abcde" + std::to_string(i % 10));
  }
  trial.device_ns = trial.block_ns;
  trial.judged_by_device = true;
  trial.empty_submit_ns = 9'000;
  trial.start_at_mono_ns = 5 * kSecondNs;
  trial.late_ns = 21'000;
  trial.clock = {ClockAudit::Verdict::kProved, "", 3.25, 6 * kSecondNs, 180, "device"};
  trial.checks = {{"elements", true, 1024, 0.25, "rows and columns drawn after the blocks"},
                  {"replay", true, 1, std::nullopt, "block 3"}};
  trial.before = readings().front();
  trial.after = readings().back();
  trial.started_utc_ns = kBegin + (id == "t001" ? 2 : 10) * kSecondNs;
  trial.ended_utc_ns = trial.started_utc_ns + 3 * kSecondNs;
  trial.warmup_ns = 100'000'000;
  trial.reseed_ns = 2'000'000;
  trial.verify_ns = 40'000'000;
  trial.total_ns = 3 * kSecondNs;
  return trial;
}

TrialTicks ticks(const Trial& trial) {
  TrialTicks ticks;
  std::uint64_t now = 1'000'000;
  for (const std::int64_t ns : trial.block_ns) {
    const auto span = static_cast<std::uint64_t>(ns);
    ticks.first.push_back(now);
    ticks.last.push_back(now + span);
    ticks.repeat_ends.push_back({now + span / 2, now + span});
    now += span + 77'777;
  }
  return ticks;
}

std::vector<Trial> trials(const Plan& plan) {
  return {trial(plan, "t001", kFirst, 120e9), trial(plan, "t001", kSecond, 115e9), trial(plan, "t002", kFirst, 25e9),
          trial(plan, "t002", kSecond, 24e9)};
}

std::vector<Telemetry> readings() {
  Telemetry first;
  first.mono_ns = 4 * kSecondNs;
  first.utc_ns = kBegin + kSecondNs;
  first.temperature_c = 41.5;
  first.clock_mhz = 2400;
  Telemetry second = first;
  second.mono_ns += kSecondNs;
  second.utc_ns += kSecondNs;
  second.power_w = 0.1 + 0.2;
  second.throttle = 0;
  return {first, second};
}

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "geomsu-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace geomsu::sample
