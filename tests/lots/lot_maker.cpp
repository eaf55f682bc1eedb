#include "tests/lots/lot_maker.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <exception>
#include <fstream>
#include <mutex>
#include <span>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "harness/base/clock.hpp"
#include "harness/base/hash.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/codecs.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/judge/judge.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::lots {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kBegin = 1'795'000'000'000'000'000;  // 2026-11-18
constexpr std::int64_t kSecondNs = 1'000'000'000, kHourNs = 3600 * kSecondNs;
constexpr double kBar = 100e9;  // FLOP/s of every clause

// splitmix64: a stateless hash of a place, so that no order of making matters.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Of [0, 1), by place.
double share(const LotShape& shape, std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  const std::uint64_t bits = mixed(mixed(mixed(mixed(shape.seed ^ (a << 8)) ^ b) ^ (c << 16)) ^ d);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

Secret secret_of(const LotShape& shape, std::uint32_t node) {
  Secret secret{};
  for (std::size_t i = 0; i < secret.size(); ++i)
    secret[i] = static_cast<unsigned char>(mixed(shape.seed * 131 + node * 37 + i));
  return secret;
}

// What all bundles of a lot share.
struct Lot {
  LotShape shape;
  std::string contract_text, suite_text, list_text, contract_sha256, suite_sha256, list_sha256;
  Suite suite;
  Contract contract, bare;  // bare: without its units
};

Lot lot_of(const LotShape& shape) {
  Lot lot;
  lot.shape = shape;
  lot.contract_text = contract_yaml(shape);
  lot.suite_text = suite_yaml(shape);
  lot.list_text = list_csv(shape);
  lot.list_sha256 = sha256_hex(lot.list_text);
  lot.contract_sha256 = sha256_hex(lot.contract_text);
  lot.suite_sha256 = sha256_hex(lot.suite_text);
  const Loaded<Suite> suite = parse_suite(lot.suite_text, "suite.yaml");
  if (!suite.value) throw std::runtime_error(suite.diagnostics.front().text());
  lot.suite = *suite.value;
  const Loaded<Contract> contract = parse_contract(lot.contract_text, "contract.yaml", &lot.suite, nullptr,
                                                   &bound_exists, list_reader({lot.list_text}));
  if (!contract.value) throw std::runtime_error(contract.diagnostics.front().text());
  lot.contract = lot.bare = *contract.value;
  lot.bare.delivery.units.clear();
  return lot;
}

DeviceInfo device_of(const LotShape& shape, std::uint32_t node, std::uint32_t index) {
  DeviceInfo device;
  device.index = index;
  device.backend = "made";
  device.name = "Made by arithmetic";
  device.vendor = "nobody";
  device.serial = serial(shape, node, index);
  device.uuid = "uuid-" + *device.serial;
  device.firmware = "1.0";
  device.memory_bytes = std::uint64_t{80} << 30;
  return device;
}

bool has_defect(const LotShape& shape, std::uint32_t node, std::uint32_t device, Defect defect) {
  return device == kDefectDevice && defect_of(shape, node) == defect;
}

Plan plan_of(const Lot& lot, std::uint32_t node, std::uint32_t hours) {
  const LotShape& shape = lot.shape;
  Plan plan;
  plan.created = utc_text(kBegin + hours * kHourNs);
  plan.tool = "geomsu (made lot)";
  plan.node = node_name(node);
  plan.contract_sha256 = lot.contract_sha256;
  plan.suite_sha256 = lot.suite_sha256;
  plan.secret_sha256 = secret_sha256(secret_of(shape, node));
  plan.soak_ns = lot.suite.soak_ns;
  std::vector<Unit> found;
  for (std::uint32_t i = 0; i < shape.devices; ++i) {
    const Unit unit{plan.node, serial(shape, node, i)};
    if (has_defect(shape, node, i, Defect::kMissing)) {
      plan.units.push_back({unit, "", 0, false, true, std::nullopt});
      continue;
    }
    plan.units.push_back({unit, "made", i, true, true, device_of(shape, node, i)});
    found.push_back(unit);
  }
  for (const Clause& clause : lot.contract.clauses) {
    const auto same = std::find_if(plan.trials.begin(), plan.trials.end(),
                                   [&](const PlannedTrial& trial) { return trial.workload == clause.workload; });
    if (same != plan.trials.end()) {
      same->clauses.push_back(clause.id);
      continue;
    }
    PlannedTrial trial;
    trial.id = fmt::format("t{:03}", plan.trials.size() + 1);
    trial.workload = clause.workload;
    trial.units = found;
    trial.blocks = judged_blocks(lot.suite, lot.contract, clause);
    trial.block_min_ns = lot.suite.block_min_ns;
    trial.warmup_ns = lot.suite.warmup_ns;
    trial.clauses = {clause.id};
    plan.trials.push_back(std::move(trial));
  }
  return plan;
}

Environment environment_of(const Lot& lot, std::uint32_t node) {
  Environment environment;
  environment.node = node_name(node);
  environment.boot_id = fmt::format("boot-{}", node);
  environment.tool = "geomsu (made lot)";
  environment.tool_build = "by arithmetic";
  environment.utc_source = "unknown";
  environment.plugins = {{"made", "/opt/made.so", std::string(64, 'a'), "1d", "1.0", "", ""}};
  for (std::uint32_t i = 0; i < lot.shape.devices; ++i) {
    if (!has_defect(lot.shape, node, i, Defect::kMissing)) environment.devices.push_back(device_of(lot.shape, node, i));
  }
  return environment;
}

std::uint32_t device_index(const LotShape& shape, std::uint32_t node, const Unit& unit) {
  for (std::uint32_t i = 0; i < shape.devices; ++i) {
    if (serial(shape, node, i) == unit.device) return i;
  }
  throw std::runtime_error("no device " + unit.device);
}

Trial trial_of(const Lot& lot, const PlannedTrial& planned, std::uint64_t place, std::uint32_t node, const Unit& unit,
               std::int64_t begun) {
  const LotShape& shape = lot.shape;
  const std::uint32_t device = device_index(shape, node, unit);
  Trial trial;
  trial.id = planned.id;
  trial.unit = unit;
  trial.workload = planned.workload.name();
  trial.started_utc_ns = begun;
  trial.ended_utc_ns = begun + 10 * kSecondNs;
  if (place == 0 && has_defect(shape, node, device, Defect::kLost)) {
    trial.status = TrialStatus::kDeviceLost;
    trial.reason_code = "device error";
    trial.reason = "fell off the bus";
    return trial;
  }
  const bool slow = has_defect(shape, node, device, Defect::kSlow);
  const bool throttles = has_defect(shape, node, device, Defect::kThrottled);
  const double rate = kBar * (slow ? 0.9 : 1.1) * (1 + 0.04 * share(shape, node, 0, 0, 0)) *
                      (1 + 0.01 * share(shape, node, device + 1, place, 0));
  trial.work_per_repeat = ops::find(planned.workload.op)->work(planned.workload.params);
  const double block_s = 1.05 * static_cast<double>(planned.block_min_ns) / 1e9;
  trial.repeats = static_cast<std::uint64_t>(std::ceil(block_s * rate / static_cast<double>(trial.work_per_repeat)));
  trial.operand_sets = 2;
  trial.algorithm = "made-1";
  trial.deterministic = true;
  trial.memory_bytes = 1u << 30;
  const double ideal_ns = static_cast<double>(trial.work_per_repeat) * static_cast<double>(trial.repeats) * 1e9 / rate;
  for (std::uint32_t i = 0; i < planned.blocks; ++i) {
    const bool throttled = throttles && i % 5 == 4;
    const double slower = (1 + 0.002 * share(shape, node, device + 1, place, i + 1)) * (throttled ? 1.4 : 1);
    trial.block_ns.push_back(static_cast<std::int64_t>(ideal_ns * slower));
    trial.wall_ns.push_back(trial.block_ns.back() + 40'000 + static_cast<std::int64_t>(i));
    if (throttles) trial.block_throttle.push_back(throttled ? 4 : 0);
  }
  trial.device_ns = trial.block_ns;
  trial.judged_by_device = true;
  trial.empty_submit_ns = 9'000;
  trial.start_at_mono_ns = begun - kBegin;
  trial.late_ns = 21'000 + device;
  trial.clock = {ClockAudit::Verdict::kProved, "", 3.25, 6 * kSecondNs, 180, "device"};
  trial.checks = {{"elements", true, 1024, 0.25, "rows and columns drawn after the blocks"}};
  trial.warmup_ns = planned.warmup_ns;
  trial.total_ns = 10 * kSecondNs;
  return trial;
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

// Not by BundleWriter, which syncs every row: a lot has millions of them.
// `list`: where the delivery list lies already, on the same file system; it is linked, not copied.
void write_bundle(const Lot& lot, std::uint32_t node, const fs::path& dir, std::uint32_t hours, const fs::path& list) {
  Evidence evidence;
  evidence.path = dir;
  evidence.plan = plan_of(lot, node, hours);
  evidence.environment = environment_of(lot, node);
  evidence.contract_yaml = lot.contract_text;
  evidence.suite_yaml = lot.suite_text;
  evidence.plan_json = plan_json(evidence.plan);
  evidence.plan_sha256 = sha256_hex(evidence.plan_json);
  std::string rows;
  std::int64_t begun = kBegin + hours * kHourNs + 60 * kSecondNs;
  std::uint64_t place = 0;
  for (const PlannedTrial& planned : evidence.plan.trials) {
    for (const Unit& unit : planned.units) {
      evidence.trials.push_back(trial_of(lot, planned, place, node, unit, begun));
      rows += trial_json(evidence.trials.back()) + "\n";
    }
    begun += 10 * kSecondNs;
    ++place;
  }
  // Where the node's verdict is on its own units alone, the rest of a long list need not be gone through for each node.
  const bool one_of_many = is_one_of_many(lot.contract, evidence.plan);
  Contract own;
  if (one_of_many) {
    own = lot.bare;
    for (const DeliveredUnit& unit :
         std::span(lot.contract.delivery.units).subspan(node * lot.shape.devices, lot.shape.devices))
      own.delivery.units.push_back(unit);
  }
  const Verdict verdict = judge(evidence, one_of_many ? own : lot.contract, lot.suite, one_of_many);

  fs::create_directories(dir);
  Manifest manifest;
  manifest.major = kBundleSchemaMajor;
  manifest.minor = kBundleSchemaMinor;
  manifest.tool = evidence.plan.tool;
  manifest.start = evidence.plan.created;
  manifest.end = utc_text(begun);
  manifest.sealed = manifest.end;
  manifest.who = "nobody";
  manifest.where = evidence.plan.node;
  const std::string environment = environment_json({evidence.environment, evidence.plan_sha256});
  const std::array<std::pair<std::string_view, std::string>, 11> files{
      {{"plan.json", evidence.plan_json},
       {"contract.yaml", lot.contract_text},
       {"suite.yaml", lot.suite_text},
       {"environment.json", environment},
       {"trials.jsonl", std::move(rows)},
       {"ticks.bin", ""},
       {"telemetry.jsonl", ""},
       {"run.log", ""},
       {"verdict.json", verdict_json(verdict)},
       {"verdict.jsonl", verdict_jsonl(verdict)},
       {"run_secret.hex", to_hex(secret_of(lot.shape, node))}}};
  for (const auto& [name, bytes] : files) {
    write(dir / name, bytes);
    ManifestFile file{std::string(name), sha256_hex(bytes), bytes.size(), std::nullopt};
    if (name == "ticks.bin") file.rows = 0;
    if (name.ends_with(".jsonl") || name == "run.log")
      file.rows = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    manifest.files.push_back(std::move(file));
  }
  manifest.files.push_back({"delivery-1.csv", lot.list_sha256, lot.list_text.size(), std::nullopt});
  if (list.empty()) {
    write(dir / "delivery-1.csv", lot.list_text);
  } else {
    fs::create_hard_link(list, dir / "delivery-1.csv");
  }
  write(dir / "manifest.json", manifest_json(manifest));
}

}  // namespace

Defect defect_of(const LotShape& shape, std::uint32_t node) {
  if (shape.slow_node == node) return Defect::kSlow;
  if (shape.defect_every == 0) return Defect::kNone;
  switch (node % shape.defect_every) {
    case 2:
      return Defect::kSlow;
    case 3:
      return Defect::kMissing;
    case 4:
      return Defect::kThrottled;
    case 5:
      return Defect::kLost;
    case 7:
      return Defect::kNoBundle;
    default:
      return Defect::kNone;
  }
}

std::string node_name(std::uint32_t node) { return fmt::format("n{:05}", node); }

std::string serial(const LotShape& shape, std::uint32_t node, std::uint32_t device) {
  return fmt::format("S{:06}", static_cast<std::uint64_t>(node) * shape.devices + device);
}

std::string list_csv(const LotShape& shape) {
  std::string csv = "serial,node\n";
  for (std::uint32_t node = 0; node < shape.nodes; ++node) {
    for (std::uint32_t i = 0; i < shape.devices; ++i)
      csv += fmt::format("{},{}\n", serial(shape, node, i), node_name(node));
  }
  return csv;
}

std::string contract_yaml(const LotShape& shape) {
  std::string yaml =
      "id: made-lot\ntitle: 만든 로트\nbuyer: 발주기관\nsupplier: 공급사\ndate: 2026-11-01\ndemonstration: false\n"
      "suite: made\ndelivery: {list: list.csv, sha256: " +
      sha256_hex(list_csv(shape)) + "}\n" + shape.extra_yaml + "clauses:\n";
  for (std::uint32_t i = 0; i < shape.clauses; ++i) {
    for (const bool of_node : {false, true}) {
      if (of_node && !shape.node_clauses) continue;
      yaml += fmt::format(
          R"(  - id: gemm-{0}{1}
    clause: "별표 1 제{0}항"
    measure: gemm.throughput
    workload: {{dtype: bf16, accumulate: fp32, m: 1024, n: 1024, k: {2}, layout: tn, data: normal, concurrency: node}}
    scope: {3}
    statistic: median
    at_least: 100 GFLOP/s
    tolerance: 0 %
    confidence: 95 %
    if_unsupported: fail
    if_inconclusive: reinspect
    provenance: {{source: "sheet p.{0}", date: 2026-10-01, by: tests, concurrency: node}}
{4})",
          i + 1, of_node ? "-node" : "", 128 * (i + 1), of_node ? "node" : "device", shape.each_clause);
    }
  }
  return yaml + shape.last_clauses;
}

std::string suite_yaml(const LotShape& shape) {
  return fmt::format("name: made\nblocks: {}\nblock_min: 100 ms\nwarmup: 100 ms\nsoak: 1 s\n", shape.blocks);
}

void make_bundle(const LotShape& shape, std::uint32_t node, const fs::path& dir, std::uint32_t hours) {
  write_bundle(lot_of(shape), node, dir, hours, {});
}

void make_lot(const LotShape& shape, const fs::path& dir, unsigned threads) {
  const Lot lot = lot_of(shape);
  const fs::path list = dir / "list.csv";
  fs::create_directories(dir);
  write(list, lot.list_text);
  std::atomic<std::uint32_t> next{0};
  std::mutex mutex;
  std::exception_ptr failed;
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < threads; ++i) {
      workers.emplace_back([&] {
        try {
          for (std::uint32_t node = next++; node < shape.nodes; node = next++) {
            if (defect_of(shape, node) != Defect::kNoBundle)
              write_bundle(lot, node, dir / ("bundle-" + node_name(node)), 0, list);
          }
        } catch (...) {
          const std::lock_guard guard(mutex);
          if (!failed) failed = std::current_exception();
        }
      });
    }
  }
  if (failed) std::rethrow_exception(failed);
}

}  // namespace geomsu::lots
