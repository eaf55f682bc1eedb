// plan -> sessions on devices -> raw samples in the bundle. The supervisor: it loads no vendor code and believes no
// worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/clock.hpp"
#include "harness/base/log.hpp"
#include "harness/contract/contract.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/measure/plan.hpp"
#include "harness/model/environment.hpp"

namespace geomsu {

// Where programs and plug-ins are found; made by the command line from flags, site file and install prefix.
struct Inventory {
  struct Backend {
    PluginFact fact;  // as the worker told it, path and hash as we read them; `refused`: why it does not
    std::vector<std::string> command;  // argv that starts a worker for it
    std::vector<DeviceInfo> devices;
    bool scripted_time = false;
    // Several processes under a launcher: its devices are members of one group and no units of their own.
    bool launched = false;
    std::string launcher, launcher_sha256;  // the program's path, and the hash of its file as we read it
  };
  std::vector<Backend> backends;
  std::vector<DeviceInfo> devices() const;  // of all that serve
  std::string simulated() const;            // "", "fake" or "emulated"
};

// Starts a worker for each of the site's plug-ins, asks who it is and what it has, and ends it. `search` lists folders
// in which geomsu_<backend>.so is looked for; with an empty site, every .so there is tried. Never throws for a bad
// plug-in: its reason is kept.
Inventory take_inventory(const Site& site, const std::filesystem::path& worker,
                         const std::vector<std::filesystem::path>& search, Log& log);

Environment describe_environment(const Inventory& inventory, const std::string& node, const std::string& tool,
                                 const std::string& tool_build);

// What a person watches while it runs.
struct Progress {
  enum class Phase { kOpening, kSoak, kWarmup, kBlocks, kVerify, kTrialEnded, kDone };
  Phase phase = Phase::kOpening;
  std::string trial{}, workload{};
  Unit unit{};
  std::uint32_t block = 0, blocks = 0;  // of this trial and unit
  std::uint32_t trials_done = 0, trials = 0;
  std::optional<double> value{};         // live: FLOP/s or B/s of the last block
  std::string value_unit{};              // "FLOP/s", "B/s"
  std::optional<double> bar{};           // of the first clause that asks for this trial, same unit
  std::optional<double> seconds_left{};  // estimate over the whole run
  std::string outcome{};                 // kTrialEnded: "ok", or the status and reason
};

// What the site file says was read off the site's meters, as facts: "site.inlet_temperature" = "24.1 °C", and beside it
// ".meter", ".by" and ".date" (a day of Seoul).
void add_site_readings(Environment& environment, const Site& site);

struct RunOptions {
  const Contract* contract = nullptr;  // bars for the progress, `exclusive` for foreign load
  Inventory inventory;
  std::function<void(const Progress&)> progress;  // called from several threads, one at a time
  std::atomic<bool>* interrupted = nullptr;       // set by a signal handler: stop cleanly, leave the bundle resumable
  Log* log = nullptr;
  std::int64_t watchdog_ns = 60'000'000'000;  // how long a request may take beyond the time that it is known to need
};

// Runs every trial of the bundle's plan that has no finished row yet, and returns when all are in. Returns false where
// it was interrupted. A worker's death, hang or nonsense is a row with its reason, never an exception; Error is thrown
// only for what stops the stage (disk full, no worker program).
bool run_plan(BundleWriter& bundle, const RunOptions& options);

}  // namespace geomsu
