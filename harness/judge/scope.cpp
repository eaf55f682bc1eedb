#include "harness/judge/scope.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {

bool is_group(const Clause& clause) {
  const ops::Operation* operation = ops::find(clause.workload.op);
  return operation != nullptr && operation->ranks(clause.workload.params) > 1;
}

bool concerns(const Clause& clause, const JudgedUnit& unit) { return clause.sku.empty() || clause.sku == unit.sku; }

std::vector<JudgedUnit> judged_groups(const Clause& clause, std::span<const JudgedUnit> units) {
  if (clause.scope == Scope::kCluster) return {{kClusterUnit, true}};
  std::set<std::string> nodes;
  for (const JudgedUnit& unit : units) {
    if (concerns(clause, unit)) nodes.insert(unit.unit.node);
  }
  std::vector<JudgedUnit> groups;
  for (const std::string& node : nodes) groups.push_back({{node, ""}, true});
  return groups;
}

std::string members_fault(const Clause& clause, const Plan& plan, std::span<const JudgedUnit> units,
                          const PlannedTrial& trial) {
  const std::uint32_t ranks = ops::find(clause.workload.op)->ranks(clause.workload.params);
  const std::set<Unit> members(trial.members.begin(), trial.members.end());
  if (members.size() != ranks || trial.members.size() != ranks) {
    return fmt::format("{} devices worked together and the workload wants {}", members.size(), ranks);
  }
  const bool cluster = clause.scope == Scope::kCluster;
  for (const Unit& member : members) {
    const auto planned = std::find_if(plan.units.begin(), plan.units.end(),
                                      [&](const PlannedUnit& unit) { return unit.unit == member && unit.found; });
    if (planned == plan.units.end() || planned->launched != cluster) {
      return escape_terminal(fmt::format("{} was not found where such a group is made of", member.name()));
    }
    if (cluster) continue;
    const bool judged = std::any_of(units.begin(), units.end(),
                                    [&](const JudgedUnit& unit) { return unit.unit == member && unit.found; });
    if (!judged || member.node != trial.units.front().node) {
      return escape_terminal(fmt::format("{} is no contracted device of this node", member.name()));
    }
  }
  return {};
}

std::vector<JudgedUnit> judged_units(const Contract& contract, const Plan& plan, bool own_node_only,
                                     const std::set<std::string, std::less<>>* found_elsewhere) {
  std::map<std::string, JudgedUnit> by_serial;
  std::map<std::string, const PlannedUnit*> found;
  for (const PlannedUnit& unit : plan.units) {
    if (unit.found && !unit.launched) found.emplace(unit.unit.device, &unit);
  }
  const std::string only_sku = contract.skus.size() > 1 ? std::string() : contract.sku;
  if (contract.delivery.discover) {
    for (const auto& [serial, unit] : found)
      by_serial.emplace(serial, JudgedUnit{unit->unit, true, only_sku, false, unit});
  }
  for (const DeliveredUnit& delivered : contract.delivery.units) {
    JudgedUnit unit;
    unit.sku = delivered.sku.empty() ? only_sku : delivered.sku;
    unit.state_use = delivered.state_use;
    if (const auto here = found.find(delivered.serial); here != found.end()) {
      unit.unit = here->second->unit;
      unit.found = true;
      unit.planned = here->second;
    } else {
      if (found_elsewhere != nullptr && found_elsewhere->contains(delivered.serial)) continue;
      if (own_node_only && delivered.node != plan.node) continue;
      unit.unit = {delivered.node.empty() ? plan.node : delivered.node, delivered.serial};
    }
    by_serial.insert_or_assign(delivered.serial, std::move(unit));
  }
  std::vector<JudgedUnit> units;
  for (auto& [serial, unit] : by_serial) units.push_back(std::move(unit));
  std::sort(units.begin(), units.end(), [](const JudgedUnit& a, const JudgedUnit& b) { return a.unit < b.unit; });
  return units;
}

namespace {

auto key(const Trial& trial) { return std::tie(trial.id, trial.unit, trial.attempt); }

}  // namespace

TrialTable::TrialTable(std::span<const Trial> trials) {
  for (const Trial& trial : trials) sorted_.push_back(&trial);
  std::sort(sorted_.begin(), sorted_.end(), [](const Trial* a, const Trial* b) { return key(*a) < key(*b); });
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    const Trial& trial = *sorted_[i];
    if (key(*sorted_[i - 1]) != key(trial)) continue;
    throw Error(ErrorCode::kBadData, escape_terminal(fmt::format("trial {} of {}, attempt {} is there twice", trial.id,
                                                                 trial.unit.name(), trial.attempt)));
  }
}

std::span<const Trial* const> TrialTable::attempts(const std::string& trial, const Unit& unit) const {
  const auto wanted = std::tie(trial, unit);
  const auto first = std::partition_point(sorted_.begin(), sorted_.end(),
                                          [&](const Trial* row) { return std::tie(row->id, row->unit) < wanted; });
  auto last = first;
  while (last != sorted_.end() && std::tie((*last)->id, (*last)->unit) == wanted) ++last;
  return {first, last};
}

TrialIndex::TrialIndex(const Plan& plan) {
  for (const PlannedTrial& trial : plan.trials) {
    for (const std::string& clause : trial.clauses) by_clause_[clause].push_back(&trial);
  }
}

const PlannedTrial* TrialIndex::find(const Clause& clause, const Unit& unit) const {
  const auto trials = by_clause_.find(clause.id);
  if (trials == by_clause_.end()) return nullptr;
  for (const PlannedTrial* trial : trials->second) {
    if (std::find(trial->units.begin(), trial->units.end(), unit) == trial->units.end()) continue;
    if (trial->workload == clause.workload && trial->sustained == clause.sustained) return trial;
    throw Error(ErrorCode::kBadData,
                fmt::format("trial {} is to measure clause {}, and runs {} where the contract says {}",
                            escape_terminal(trial->id), clause.id, trial->label(),
                            clause.workload.name() + (clause.sustained ? " (" + clause.sustained->words() + ")" : "")),
                "plan.json", "the plan is not of this contract");
  }
  return nullptr;
}

}  // namespace geomsu
