// What will be measured, in which order, with how many samples. Its hash is taken before the first sample.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/device.hpp"
#include "harness/model/schedule.hpp"
#include "harness/model/workload.hpp"

namespace geomsu {

inline constexpr int kPlanSchema = 1;
// The unit of what is measured over several nodes at once.
inline const Unit kClusterUnit{"cluster", ""};

struct PlannedUnit {
  Unit unit;
  std::string backend;      // plug-in that has it; empty where it was not found
  std::uint32_t index = 0;  // in its plug-in
  bool found = false;       // contracted units that were not found stay in the plan
  bool contracted = false;  // found units that nobody contracted are listed, and not measured
  std::optional<DeviceInfo> device;
  bool launched = false;  // a rank of a backend that a launcher starts on several nodes: only ever a group's member
};

// One workload on the units that are measured together; each unit gives one trial of it.
struct PlannedTrial {
  std::string id;  // "t001": its place in the order
  Workload workload;
  std::vector<Unit> units;  // all start at one instant; of a group one: the node, or kClusterUnit
  // Where the workload wants several devices in one group: who they are, in rank order. One worker holds them all, and
  // the row is the unit's.
  std::vector<Unit> members;
  std::uint32_t blocks = 30;
  std::uint32_t extension = 0;  // so many more where the first ones leave a clause undecided; not of sustained trials
  std::int64_t block_min_ns = 500'000'000;
  std::int64_t warmup_ns = 1'000'000'000;
  std::vector<std::string> clauses;    // ids of the clauses that ask for it
  std::optional<double> peak;          // work/s: dense peak by the sheet of the contract's sku, where it is sure
  std::optional<Sustained> sustained;  // blocks spread over sessions and a span; else one after the other
  std::uint32_t thin = 1;              // of a sustained trial: only every so-manieth block is judged

  std::uint32_t judged() const { return thin == 0 ? blocks : blocks / thin; }  // blocks that are judged
  std::string label() const;  // the workload's name, and " (sustained: ...)" where it is
};

struct Plan {
  int schema = kPlanSchema;
  std::string created;  // UTC text
  std::string tool;     // version and build
  std::string node;
  std::string contract_sha256, suite_sha256, secret_sha256;
  std::string simulated;      // "", "fake" or "emulated"
  std::string suite_instead;  // the suite that was asked for in place of the contract's; empty for that
  std::int64_t soak_ns = 0;   // once a session
  // Adaptive stopping: a trial may end from so many blocks on, once its answer is clear. Such a run accepts nothing.
  std::optional<std::uint32_t> adaptive_min_blocks;
  std::optional<std::int64_t> budget_ns;  // what the suite allows a node
  std::vector<PlannedUnit> units;
  std::vector<PlannedTrial> trials;

  // Soak + warm-ups + blocks (or spans), units side by side: what a person waits for, at least.
  std::int64_t expected_ns() const;
};

}  // namespace geomsu
