// contract + suite + what was found -> plan. Pure, but for the secret's hash, which is handed in.
#pragma once

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
  std::string simulated;               // "", "fake", "emulated": the worst of the plug-ins that serve
  std::string suite_instead;           // what replaced the contract's suite; empty where nothing did
  std::string contract_sha256, suite_sha256, secret_sha256, tool, created;
};
// Units: the delivery list reconciled with what was found (contracted first, in serial order). Trials: one for each
// distinct workload of the clauses, and one more where some of them are sustained, in the contract's order; each has as
// many blocks as the most demanding of its clauses wants. `node` concurrency puts all found contracted units into one
// trial, `alone` gives each its own.
Plan make_plan(const PlanInput& input);

}  // namespace geomsu
