// Which units a clause is about, which trial of the plan is theirs, and what came of it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

// A unit that the contract is about. Not found: `unit` names it as the contract does.
struct JudgedUnit {
  Unit unit;
  bool found = false;
  std::string sku{};  // by the delivery list, else the contract's only one
  bool state_use = false;
  const PlannedUnit* planned = nullptr;  // of a found device
};

// Whether the clause is about several devices that work together: its rows are those of nodes or of the cluster.
bool is_group(const Clause& clause);

// Whether the clause is about units of this SKU.
bool concerns(const Clause& clause, const JudgedUnit& unit);

// The units of a group clause: every node of the judged units, or the cluster. Found: all of its members were.
std::vector<JudgedUnit> judged_groups(const Clause& clause, std::span<const JudgedUnit> units);

// What is wrong with the members of a group's trial, against the delivery list and the workload; empty: nothing.
std::string members_fault(const Clause& clause, const Plan& plan, std::span<const JudgedUnit> units,
                          const PlannedTrial& trial);

// By serial, each once, sorted by unit. The delivery list decides, never the plan: a unit that the plan dropped is
// still here, not found. A contract that discovers is about all that was found. `own_node_only`: units that the list
// puts into other nodes than the plan's, and that were not found here, are left out; so are those not found here that
// `found_elsewhere` names.
std::vector<JudgedUnit> judged_units(const Contract& contract, const Plan& plan, bool own_node_only = false,
                                     const std::set<std::string, std::less<>>* found_elsewhere = nullptr);

// Rows of trials by (trial, unit), each with its attempts in order. Error kBadData where one is there twice.
class TrialTable {
 public:
  explicit TrialTable(std::span<const Trial> trials);
  std::span<const Trial* const> attempts(const std::string& trial, const Unit& unit) const;
  const std::vector<const Trial*>& all() const { return sorted_; }  // by trial, unit, attempt

 private:
  std::vector<const Trial*> sorted_;
};

// The plan's trials by clause.
class TrialIndex {
 public:
  explicit TrialIndex(const Plan& plan);
  // The trial in which the plan measures this clause on this unit; nullptr where it does not. Error kBadData where it
  // is of another workload than the clause's.
  const PlannedTrial* find(const Clause& clause, const Unit& unit) const;

 private:
  std::unordered_map<std::string_view, std::vector<const PlannedTrial*>> by_clause_;
};

}  // namespace geomsu
