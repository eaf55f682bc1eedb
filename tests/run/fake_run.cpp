#include "tests/run/fake_run.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/base/hash.hpp"
#include "harness/measure/plan.hpp"

namespace geomsu::test {
namespace fs = std::filesystem;
namespace {

template <class T>
const T& required(const Loaded<T>& loaded) {
  if (loaded.value) return *loaded.value;
  std::string text;
  for (const Diagnostic& diagnostic : loaded.diagnostics) text += diagnostic.text() + "\n";
  throw std::runtime_error(text);
}

}  // namespace

fs::path worker_program() { return fs::path(GEOMSU_BUILD_DIR) / "bin" / "geomsu-worker"; }
fs::path geomsu_program() { return fs::path(GEOMSU_BUILD_DIR) / "bin" / "geomsu"; }
fs::path fake_adapter() { return fs::path(GEOMSU_BUILD_DIR) / "tests" / "geomsu-fake-adapter"; }
fs::path fake_plugin() { return fs::path(GEOMSU_BUILD_DIR) / "lib" / "geomsu" / "backends" / "geomsu_fake.so"; }

fs::path fake_plugin_emulated() { return fs::path(GEOMSU_BUILD_DIR) / "tests" / "geomsu_fake_emulated.so"; }

const Trial& RunResult::trial(const std::string& clause_id, const std::string& serial) const {
  std::vector<const Trial*> found;
  for (const PlannedTrial& planned : evidence.plan.trials) {
    if (std::find(planned.clauses.begin(), planned.clauses.end(), clause_id) == planned.clauses.end()) continue;
    for (const Trial& trial : evidence.trials) {
      if (trial.id == planned.id && trial.unit.device == serial) found.push_back(&trial);
    }
  }
  if (found.size() != 1) {
    throw std::runtime_error(fmt::format("{} trials of {} on {}", found.size(), clause_id, serial));
  }
  return *found.front();
}

bool RunResult::has_row(const std::string& clause_id, const std::string& serial) const {
  return std::any_of(verdict.rows.begin(), verdict.rows.end(),
                     [&](const ClauseRow& row) { return row.clause == clause_id && row.unit.device == serial; });
}

const ClauseRow& RunResult::row(const std::string& clause_id, const std::string& serial) const {
  for (const ClauseRow& row : verdict.rows) {
    if (row.clause == clause_id && row.unit.device == serial) return row;
  }
  throw std::runtime_error(fmt::format("no row of {} on {}", clause_id, serial));
}

const ClauseSummary& RunResult::clause(const std::string& id) const {
  for (const ClauseSummary& clause : verdict.clauses) {
    if (clause.clause == id) return clause;
  }
  throw std::runtime_error("no clause " + id);
}

bool has_finding(const Trial& trial, std::string_view code) {
  return std::any_of(trial.findings.begin(), trial.findings.end(),
                     [code](const Finding& finding) { return finding.code == code; });
}

std::string failed_checks(const Trial& trial) {
  std::string names;
  for (const Check& check : trial.checks) {
    if (!check.passed) names += (names.empty() ? "" : " ") + check.name;
  }
  return names;
}

RunResult FakeRun::run() {
  RunResult result;
  std::mutex mutex;
  Log log([&](LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex);
    result.log.emplace_back(line);
  });
  Site site;
  site.node = "node-a";
  SitePlugin fake;
  const std::string script_path = scratch_.file("script.yaml", script).string();
  if (through.empty()) {
    fake.path = plugin.string();
    fake.params["script"] = script_path;
  } else {
    fake.command = through;
    for (const std::string& word : {worker_program().string(), std::string("--plugin"), plugin.string(),
                                    std::string("--param"), "script=" + script_path}) {
      fake.command.push_back(word);
    }
  }
  site.plugins.push_back(fake);
  site.plugins.insert(site.plugins.end(), more_plugins.begin(), more_plugins.end());
  result.inventory = take_inventory(site, worker_program(), {}, log);

  const Loaded<Suite> suite_read = parse_suite(suite, "suite.yaml");
  const Loaded<Contract> contract_read =
      parse_contract(contract, "contract.yaml", &required(suite_read), nullptr, &bound_exists);
  const Secret secret = random_secret();
  PlanInput input;
  input.contract = &required(contract_read);
  input.suite = &required(suite_read);
  input.node = site.node;
  input.devices = result.inventory.devices();
  input.simulated = result.inventory.simulated();
  input.contract_sha256 = sha256_hex(contract);
  input.suite_sha256 = sha256_hex(suite);
  input.secret_sha256 = secret_sha256(secret);
  input.tool = "geomsu test";
  input.created = "2026-01-02T03:04:05Z";
  Plan plan = make_plan(input);
  Environment environment = describe_environment(result.inventory, site.node, "geomsu test", "test build");
  if (adjust_plan) adjust_plan(plan, environment);

  bundle_ = scratch_.path() / "bundle";
  const auto bundle = BundleWriter::create(bundle_, plan, contract, suite, environment, secret);
  RunOptions options;
  options.contract = input.contract;
  options.inventory = result.inventory;
  options.progress = on_progress;
  options.log = &log;
  if (adjust) adjust(options);
  if (instead_of_run) {
    instead_of_run(*bundle, options);
    result.whole = true;
  } else {
    result.whole = run_plan(*bundle, options);
  }
  bundle->seal(judge(read_bundle(bundle_, true)));
  result.evidence = read_bundle(bundle_);
  result.verdict = judge(result.evidence);
  return result;
}

}  // namespace geomsu::test
