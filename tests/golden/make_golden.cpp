// Makes a golden bundle in a directory that does not exist yet. See README.md beside it for when to.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/judge/judge.hpp"
#include "tests/unit/evidence/sample_run.hpp"
#include "tests/unit/judge/judged.hpp"

namespace {

using namespace geomsu;

void replace(std::string& text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
}

// The sample's contract with a third unit, a setting that one of them lacks, and a bandwidth between two bars.
std::string golden_contract() {
  std::string yaml = sample::contract_yaml();
  const std::string last = R"({serial: "S-002", node: node01})";
  yaml.insert(yaml.find(last) + last.size(), R"(, {serial: "S-003", node: node01})");
  replace(yaml, "price:", "settings: {ecc.mode: on}\nprice:");
  replace(yaml, "at_least: 20 GB/s", "between: [20 GB/s, 40 GB/s]");
  return yaml;
}

std::string golden_suite() { return sample::suite_yaml() + "extension: 10\n"; }

// As many blocks as rates are handed in.
Trial at_rates(const Plan& plan, const std::string& id, const Unit& unit, const std::vector<double>& rates) {
  Trial trial = sample::trial(plan, id, unit, rates.front());
  sample::set_rates(trial, rates);
  trial.digests.assign(rates.size(), "0123456789abcdef");
  return trial;
}

void make(const std::string& dir) {
  const Unit third{"node01", "S-003"};
  const std::string yaml = golden_contract();
  Plan plan = sample::plan(sample::contract_of(yaml));
  plan.contract_sha256 = sha256_hex(yaml);
  plan.suite_sha256 = sha256_hex(golden_suite());
  plan.units.push_back(plan.units.front());
  plan.units[2].unit = third;
  plan.units[2].index = 2;
  plan.units[2].device->serial = "S-003";
  plan.units[2].device->uuid = "uuid-S-003";
  for (const std::size_t good : {0U, 2U}) plan.units[good].device->attributes["ecc.mode"] = "on";
  plan.units[1].device->attributes["ecc.mode"] = "off";
  for (PlannedTrial& trial : plan.trials) {
    trial.extension = 10;
    trial.units.push_back(third);
  }
  Environment environment = sample::environment();
  environment.devices.clear();
  for (const PlannedUnit& unit : plan.units) environment.devices.push_back(*unit.device);
  const auto writer = BundleWriter::create(dir, plan, yaml, golden_suite(), environment, sample::secret());
  // Undecided at the first look, passed at the second.
  const Trial extended = at_rates(plan, "t001", sample::kFirst, sample::rates({{5, 90e9}, {15, 110e9}}));
  // Nine of ten under the bar: a FAIL by its bounds, and none over the unit's three clauses.
  const Trial spared = at_rates(plan, "t001", third, sample::rates({{1, 110e9}, {9, 90e9}}));
  // Wholly over the upper bar.
  const Trial over = at_rates(plan, "t002", sample::kFirst, sample::rates({{10, 50e9}}));
  writer->add_telemetry(sample::kFirst, sample::readings());
  writer->add(extended, sample::ticks(extended));
  for (const Trial& trial :
       {sample::trial(plan, "t001", sample::kSecond, 120e9), spared, sample::trial(plan, "t002", third, 25e9),
        sample::trial(plan, "t002", sample::kSecond, 25e9), over}) {
    writer->add(trial, {});
  }
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
