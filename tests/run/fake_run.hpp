// A whole run in this process: a script of fake devices, a contract and a suite go in; plan, trials and verdict come
// out of the sealed bundle. The devices' time is scripted, so minutes of measurement take milliseconds.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/judge/judge.hpp"
#include "harness/measure/run.hpp"
#include "tests/run/contract_text.hpp"
#include "tests/run/scratch_dir.hpp"

namespace geomsu::test {

struct RunResult {
  bool whole = false;  // what run_plan said
  Inventory inventory;
  Evidence evidence;
  Verdict verdict;
  std::vector<std::string> log;

  const std::vector<Trial>& trials() const { return evidence.trials; }
  // std::runtime_error naming what is there, where there is not exactly one.
  const Trial& trial(const std::string& clause, const std::string& serial) const;
  const ClauseRow& row(const std::string& clause, const std::string& serial) const;
  const ClauseSummary& clause(const std::string& id) const;
  bool has_row(const std::string& clause, const std::string& serial) const;
};

bool has_finding(const Trial& trial, std::string_view code);
// "elements rms" ...: the checks that failed, in their order.
std::string failed_checks(const Trial& trial);

std::filesystem::path fake_plugin();

class FakeRun {
 public:
  std::string script = script_text({device_text("A-1"), device_text("A-2")});
  std::string contract = contract_text({gemm_clause(), triad_clause()}, {"A-1", "A-2"});
  std::string suite = suite_text();
  std::filesystem::path plugin = fake_plugin();
  std::vector<std::string> through;      // argv that stands before the worker's: an adapter between it and us
  std::vector<SitePlugin> more_plugins;  // beside the fake
  std::function<void(Plan&, Environment&)> adjust_plan;                  // before the bundle is made
  std::function<void(RunOptions&)> adjust;                               // before run_plan
  std::function<void(const Progress&)> on_progress;                      // called from several threads, one at a time
  std::function<void(BundleWriter&, const RunOptions&)> instead_of_run;  // where a test runs it in pieces

  // Throws what the stages throw. The bundle is path(), sealed.
  RunResult run();
  const std::filesystem::path& path() const { return bundle_; }
  const ScratchDir& scratch() const { return scratch_; }

 private:
  ScratchDir scratch_;
  std::filesystem::path bundle_;
};

std::filesystem::path worker_program();
std::filesystem::path fake_plugin_emulated();  // the same, and it calls itself emulated
std::filesystem::path fake_adapter();
std::filesystem::path geomsu_program();

}  // namespace geomsu::test
