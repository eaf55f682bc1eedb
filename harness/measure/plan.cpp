#include "harness/measure/plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

// What the datasheet says that no such part can go beyond.
std::optional<double> sure_peak(const DeviceSheet* sheet, const Workload& workload) {
  const ops::Operation* operation = ops::find(workload.op);
  if (sheet == nullptr || operation == nullptr) return std::nullopt;
  return sheet->sure_peak(operation->peak_key(workload.params, operation->quantities().front().name));
}

bool measured(const PlannedUnit& unit) { return unit.found && unit.contracted; }

// Devices of a launched backend are the same parts by another door: never units of the delivery.
std::vector<PlannedUnit> launched_units(const PlanInput& input) {
  std::vector<PlannedUnit> units;
  for (const DeviceInfo& device : input.devices) {
    if (!input.launched.contains(device.backend)) continue;
    const auto node = device.attributes.find("node");
    PlannedUnit unit{{node == device.attributes.end() ? input.node : node->second, device.unit_id()},
                     device.backend,
                     device.index,
                     true,
                     false,
                     device,
                     true};
    units.push_back(std::move(unit));
  }
  return units;
}

// The first `ranks` units in the plan's order that may work together; empty where there are not so many.
std::vector<Unit> group_of(const std::vector<PlannedUnit>& units, bool launched, std::uint32_t ranks) {
  std::map<std::string, std::vector<Unit>> backends;
  for (const PlannedUnit& unit : units) {
    if (!unit.found || unit.launched != launched || (!launched && !unit.contracted)) continue;
    auto& members = backends[unit.backend];
    if (members.size() < ranks) members.push_back(unit.unit);
    if (members.size() == ranks) return members;
  }
  return {};
}

PlannedUnit found_unit(const DeviceInfo& device, const std::string& node, bool contracted) {
  return {{node, device.unit_id()}, device.backend, device.index, true, contracted, device};
}

// Two parts that show one serial are two units all the same: the second is "S1#2", so that neither hides the other.
Unit name_of_its_own(const Unit& unit, const std::vector<PlannedUnit>& others) {
  Unit named = unit;
  const auto taken = [&] {
    return std::any_of(others.begin(), others.end(), [&](const PlannedUnit& other) { return other.unit == named; });
  };
  for (int copy = 2; taken(); ++copy) named.device = fmt::format("{}#{}", unit.device, copy);
  return named;
}

std::vector<PlannedUnit> reconcile(const PlanInput& input) {
  std::vector<PlannedUnit> units;
  // One part under two names is one part: what comes later with the same uuid is not there.
  std::vector<bool> taken(input.devices.size(), false);
  std::set<std::string> parts;
  for (std::size_t i = 0; i < input.devices.size(); ++i) {
    const DeviceInfo& device = input.devices[i];
    taken[i] = input.launched.contains(device.backend) ||
               !parts.insert(device.backend + '\0' + device.uuid + '\0' + device.partition.value_or("")).second;
  }
  const std::vector<bool> second = taken;
  const Delivery& delivery = input.contract->delivery;
  auto wanted = delivery.units;
  std::sort(wanted.begin(), wanted.end(), [](const DeliveredUnit& a, const DeliveredUnit& b) {
    return std::tie(a.node, a.serial) < std::tie(b.node, b.serial);
  });
  for (const DeliveredUnit& unit : wanted) {
    const bool here = unit.node.empty() || unit.node == input.node;
    std::size_t match = input.devices.size();
    for (std::size_t i = 0; here && i < input.devices.size() && match == input.devices.size(); ++i) {
      if (!taken[i] && (input.devices[i].unit_id() == unit.serial || input.devices[i].uuid == unit.serial)) match = i;
    }
    if (match < input.devices.size()) {
      taken[match] = true;
      PlannedUnit found = found_unit(input.devices[match], input.node, true);
      found.unit.device = unit.serial;
      units.push_back(std::move(found));
    } else {
      units.push_back({{unit.node.empty() ? input.node : unit.node, unit.serial}, "", 0, false, true, std::nullopt});
    }
  }
  for (std::size_t i = 0; i < input.devices.size(); ++i) {
    if (taken[i] || second[i]) continue;
    PlannedUnit unit = found_unit(input.devices[i], input.node, delivery.discover);
    unit.unit = name_of_its_own(unit.unit, units);
    units.push_back(std::move(unit));
  }
  return units;
}

}  // namespace

Plan make_plan(const PlanInput& input) {
  Plan plan;
  plan.created = input.created;
  plan.tool = input.tool;
  plan.node = input.node;
  plan.contract_sha256 = input.contract_sha256;
  plan.suite_sha256 = input.suite_sha256;
  plan.secret_sha256 = input.secret_sha256;
  plan.simulated = input.simulated;
  plan.suite_instead = input.suite_instead;
  plan.soak_ns = input.suite->soak_ns;
  plan.units = reconcile(input);
  for (PlannedUnit& unit : launched_units(input)) {
    unit.unit = name_of_its_own(unit.unit, plan.units);
    plan.units.push_back(std::move(unit));
  }

  std::vector<Unit> units;
  for (const PlannedUnit& unit : plan.units) {
    if (measured(unit)) units.push_back(unit.unit);
  }
  const auto add = [&](const Workload& workload, std::vector<Unit> together, const std::vector<std::string>& clauses,
                       std::vector<Unit> members = {}) {
    PlannedTrial trial;
    trial.id = fmt::format("t{:03}", plan.trials.size() + 1);
    trial.workload = workload;
    trial.units = std::move(together);
    trial.members = std::move(members);
    trial.blocks = input.suite->blocks;
    trial.block_min_ns = input.suite->block_min_ns;
    trial.warmup_ns = input.suite->warmup_ns;
    trial.clauses = clauses;
    trial.peak = sure_peak(input.sheet, workload);
    plan.trials.push_back(std::move(trial));
  };
  std::set<std::string> done;
  for (const Clause& clause : input.contract->clauses) {
    const bool cluster = clause.scope == Scope::kCluster;
    if (!done.insert(clause.workload.name() + (cluster ? " over the cluster" : "")).second) continue;
    std::vector<std::string> clauses;
    for (const Clause& other : input.contract->clauses) {
      if (other.workload == clause.workload && (other.scope == Scope::kCluster) == cluster) clauses.push_back(other.id);
    }
    const ops::Operation* operation = ops::find(clause.workload.op);
    if (const std::uint32_t ranks = operation == nullptr ? 1 : operation->ranks(clause.workload.params); ranks > 1) {
      auto members = group_of(plan.units, cluster, ranks);
      if (!members.empty())
        add(clause.workload, {cluster ? kClusterUnit : Unit{input.node, ""}}, clauses, std::move(members));
      continue;
    }
    if (clause.workload.concurrency == Concurrency::kAlone) {
      for (const Unit& unit : units) add(clause.workload, {unit}, clauses);
    } else if (!units.empty()) {
      add(clause.workload, units, clauses);
    }
  }
  return plan;
}

}  // namespace geomsu
