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
  const DeviceSheet* sheet = nullptr;    // of the contract's sku, of several the first; null where there is none
  const SheetLibrary* sheets = nullptr;  // of its other skus; may be null
  std::string node;                      // where the devices were found
  std::vector<DeviceInfo> devices;       // found on this node, of every plug-in
  std::set<std::string> launched;        // backends whose devices a launcher starts on several nodes
  std::string simulated;                 // "", "fake", "emulated": the worst of the plug-ins that serve
  std::string suite_instead;             // what replaced the contract's suite; empty where nothing did
  std::string contract_sha256, suite_sha256, secret_sha256, tool, created;
};
// Units: the part of the delivery list that is of this node, or of none by name, reconciled with what was found
// (contracted first, in serial order). Units of other nodes are not this plan's, and the judge, who has the contract,
// misses them all the same. Trials: one for each distinct workload of the clauses, and one more where some of them are
// sustained, in the contract's order; each has as many blocks as the most demanding of its clauses wants. `node`
// concurrency, and `rack` and `hall`, of which this is one node's part, put all found contracted units into one trial,
// `alone` gives each its own; a unit is measured only where a clause is of its SKU. A workload of several devices takes
// the first so many of the node's contracted units that one backend has; with scope cluster, those of a launched
// backend. Where there are too few, no trial is planned, and the judge says NOT_RUN.
Plan make_plan(const PlanInput& input);

}  // namespace geomsu
