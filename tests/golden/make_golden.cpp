// Makes a golden bundle in a directory that does not exist yet. See README.md beside it for when to.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/judge/judge.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace {

using namespace geomsu;

// The sample's contract, with a third unit on its delivery list that nobody finds.
std::string golden_contract() {
  std::string yaml = sample::contract_yaml();
  const std::string last = R"({serial: "S-002", node: node01})";
  yaml.insert(yaml.find(last) + last.size(), R"(, {serial: "S-003", node: node01})");
  return yaml;
}

void make(const std::string& dir) {
  const std::string yaml = golden_contract();
  Plan plan = sample::plan(sample::contract_of(yaml));
  plan.contract_sha256 = sha256_hex(yaml);
  plan.units.push_back({{"node01", "S-003"}, "", 0, false, true, std::nullopt});
  const auto writer =
      BundleWriter::create(dir, plan, yaml, sample::suite_yaml(), sample::environment(), sample::secret());

  Trial slow = sample::trial(plan, "t001", sample::kFirst, 90e9);
  slow.findings = {{"throttled", "throttle events grew from 0 to 3 during the trial"}};
  Trial lost;
  lost.id = "t001";
  lost.unit = sample::kSecond;
  lost.workload = slow.workload;
  lost.status = TrialStatus::kDeviceLost;
  lost.reason_code = "device error";
  lost.reason = "the worker said: \"fell off the bus\"";
  lost.started_utc_ns = slow.started_utc_ns;
  lost.ended_utc_ns = slow.ended_utc_ns;
  Trial fine = sample::trial(plan, "t002", sample::kFirst, 25e9);
  fine.judged_by_device = false;
  fine.device_ns.clear();
  fine.clock = {
      ClockAudit::Verdict::kUnproved, "the device has no clock", std::nullopt, std::nullopt, std::nullopt, "none"};
  for (std::size_t i = 0; i < fine.block_ns.size(); ++i) fine.block_ns[i] = fine.wall_ns[i] - fine.empty_submit_ns;
  Trial unsupported = lost;
  unsupported.id = "t002";
  unsupported.workload = fine.workload;
  unsupported.status = TrialStatus::kUnsupported;
  unsupported.reason_code = "unsupported";
  unsupported.reason = "no such kernel";
  unsupported.started_utc_ns = fine.started_utc_ns;
  unsupported.ended_utc_ns = fine.ended_utc_ns;

  writer->add_telemetry(sample::kFirst, sample::readings());
  writer->add(slow, sample::ticks(slow));
  writer->add(lost, {});
  writer->add(fine, {});
  writer->add(unsupported, {});
  writer->log("2026-11-18T11:06:40.000Z info: made by hand");
  writer->seal(judge(read_bundle(dir, true)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: geomsu_make_golden NEW_DIRECTORY\n", stderr);
    return 64;
  }
  try {
    make(argv[1]);
    for (const std::string& line : verify(argv[1]).lines) fmt::print("{}\n", line);
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  }
}
