#include "harness/judge/scope.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"

namespace geomsu {

std::vector<JudgedUnit> judged_units(const Contract& contract, const Plan& plan) {
  std::map<std::string, JudgedUnit> by_serial;
  std::map<std::string, const PlannedUnit*> found;
  for (const PlannedUnit& unit : plan.units) {
    if (unit.found) found.emplace(unit.unit.device, &unit);
  }
  if (contract.delivery.discover) {
    for (const auto& [serial, unit] : found) by_serial.emplace(serial, JudgedUnit{unit->unit, true});
  }
  for (const DeliveredUnit& delivered : contract.delivery.units) {
    const auto here = found.find(delivered.serial);
    if (here != found.end()) {
      by_serial.insert_or_assign(delivered.serial, JudgedUnit{here->second->unit, true});
    } else {
      const std::string& node = delivered.node.empty() ? plan.node : delivered.node;
      by_serial.insert_or_assign(delivered.serial, JudgedUnit{{node, delivered.serial}, false});
    }
  }
  std::vector<JudgedUnit> units;
  for (auto& [serial, unit] : by_serial) units.push_back(std::move(unit));
  std::sort(units.begin(), units.end(), [](const JudgedUnit& a, const JudgedUnit& b) { return a.unit < b.unit; });
  return units;
}

TrialTable::TrialTable(std::span<const Trial> trials) {
  for (const Trial& trial : trials) sorted_.push_back(&trial);
  const auto key = [](const Trial* trial) { return std::tie(trial->id, trial->unit, trial->attempt); };
  std::sort(sorted_.begin(), sorted_.end(), [&](const Trial* a, const Trial* b) { return key(a) < key(b); });
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    const Trial& trial = *sorted_[i];
    if (i > 0 && key(sorted_[i - 1]) == key(sorted_[i])) {
      throw Error(ErrorCode::kBadData, escape_terminal(fmt::format("trial {} of {}, attempt {} is there twice",
                                                                   trial.id, trial.unit.name(), trial.attempt)));
    }
    first_.emplace(std::tuple(trial.id, trial.unit), &trial);
  }
}

const Trial* TrialTable::first(const std::string& trial, const Unit& unit) const {
  const auto found = first_.find(std::tuple(trial, unit));
  return found == first_.end() ? nullptr : found->second;
}

const PlannedTrial* planned_trial(const Plan& plan, const Clause& clause, const Unit& unit) {
  for (const PlannedTrial& trial : plan.trials) {
    if (std::find(trial.clauses.begin(), trial.clauses.end(), clause.id) == trial.clauses.end()) continue;
    if (std::find(trial.units.begin(), trial.units.end(), unit) == trial.units.end()) continue;
    if (trial.workload == clause.workload && trial.sustained == clause.sustained) return &trial;
    throw Error(ErrorCode::kBadData,
                fmt::format("trial {} is to measure clause {}, and runs {} where the contract says {}",
                            escape_terminal(trial.id), clause.id, trial.label(),
                            clause.workload.name() + (clause.sustained ? " (" + clause.sustained->words() + ")" : "")),
                "plan.json", "the plan is not of this contract");
  }
  return nullptr;
}

}  // namespace geomsu
