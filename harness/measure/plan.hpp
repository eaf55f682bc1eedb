// contract + suite + what was found -> plan. Pure, but for the secret's hash, which is handed in.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/model/plan.hpp"

namespace geomsu {

struct PlanInput {
  const Contract* contract = nullptr;
  const Suite* suite = nullptr;
  const DeviceSheet* sheet = nullptr;  // of the contract's sku; null where there is none
  std::string node;                    // where the devices were found
  std::vector<DeviceInfo> devices;     // found on this node, of every plug-in
  std::set<std::string> launched;      // backends whose devices a launcher starts on several nodes
  std::string simulated;               // "", "fake", "emulated": the worst of the plug-ins that serve
  std::string suite_instead;           // what replaced the contract's suite; empty where nothing did
  std::string contract_sha256, suite_sha256, secret_sha256, tool, created;
};
// Units: the delivery list reconciled with what was found (contracted first, in serial order). Trials: one for each
// distinct (workload, blocks) of the clauses, in the contract's order; `node` concurrency puts all found contracted
// units into one trial, `alone` gives each its own. A workload of several devices takes the first so many of the node's
// contracted units that one backend has; with scope cluster, those of a launched backend. Where there are too few, no
// trial is planned, and the judge says NOT_RUN.
Plan make_plan(const PlanInput& input);

}  // namespace geomsu
