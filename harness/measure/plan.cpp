#include "harness/measure/plan.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

// Of which SKU each unit of the delivery list is; of a contract of one, every unit is of that.
class UnitSkus {
 public:
  explicit UnitSkus(const Contract& contract) : only_(contract.skus.size() > 1 ? std::string() : contract.sku) {
    for (const DeliveredUnit& unit : contract.delivery.units) {
      if (!unit.sku.empty()) skus_.emplace(unit.serial, unit.sku);
    }
  }
  std::string of(const Unit& unit) const {
    const auto found = skus_.find(unit.device);
    return found == skus_.end() ? only_ : found->second;
  }
  bool is(const Unit& unit, const std::string& sku) const { return sku.empty() || of(unit) == sku; }

 private:
  std::string only_;
  std::map<std::string, std::string> skus_;
};

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

// The first `ranks` units in the plan's order that may work together; empty where there are not so many. Ranks of a
// launcher are no units of the list, and no SKU of theirs is known.
std::vector<Unit> group_of(const std::vector<PlannedUnit>& units, const UnitSkus& skus, const std::string& sku,
                           bool launched, std::uint32_t ranks) {
  std::map<std::string, std::vector<Unit>> backends;
  for (const PlannedUnit& unit : units) {
    if (!unit.found || unit.launched != launched || (!launched && !unit.contracted)) continue;
    if (!launched && !skus.is(unit.unit, sku)) continue;
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
    if (!unit.node.empty() && unit.node != input.node) continue;
    std::size_t match = input.devices.size();
    for (std::size_t i = 0; i < input.devices.size() && match == input.devices.size(); ++i) {
      if (!taken[i] && (input.devices[i].unit_id() == unit.serial || input.devices[i].uuid == unit.serial)) match = i;
    }
    if (match < input.devices.size()) {
      taken[match] = true;
      PlannedUnit found = found_unit(input.devices[match], input.node, true);
      found.unit.device = unit.serial;
      units.push_back(std::move(found));
    } else {
      units.push_back({{input.node, unit.serial}, "", 0, false, true, std::nullopt});
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

// What the datasheets say that no such part can go beyond; nothing where one of the units has no sure one.
std::optional<double> sure_peak(const PlanInput& input, const UnitSkus& skus, const Workload& workload,
                                const std::vector<Unit>& units) {
  const ops::Operation* operation = ops::find(workload.op);
  if (operation == nullptr || (input.sheet == nullptr && input.sheets == nullptr)) return std::nullopt;
  const std::string key = operation->peak_key(workload.params, operation->quantities().front().name);
  std::optional<double> highest;
  for (const Unit& unit : units) {
    const std::string sku = skus.of(unit);
    const bool first = sku.empty() || sku == input.contract->sku;
    const DeviceSheet* sheet = first || input.sheets == nullptr ? input.sheet : input.sheets->find(sku);
    const auto peak = sheet == nullptr ? std::nullopt : sheet->sure_peak(key);
    if (!peak) return std::nullopt;
    highest = std::max(highest.value_or(*peak), *peak);
  }
  return highest;
}

void add_trial(const PlanInput& input, const UnitSkus& skus, const std::vector<const Clause*>& clauses,
               std::vector<Unit> units, std::vector<Unit> members, Plan& plan) {
  const Clause& clause = *clauses.front();
  PlannedTrial trial;
  trial.id = fmt::format("t{:03}", plan.trials.size() + 1);
  trial.workload = clause.workload;
  trial.peak = sure_peak(input, skus, clause.workload, members.empty() ? units : members);
  trial.units = std::move(units);
  trial.members = std::move(members);
  trial.sustained = clause.sustained;
  if (trial.sustained) trial.thin = input.suite->thin_of(clause.workload);
  trial.blocks = judged_blocks(*input.suite, *input.contract, clause) * trial.thin;
  if (!trial.sustained) trial.extension = input.suite->extension_blocks;
  trial.block_min_ns = input.suite->block_min_ns;
  trial.warmup_ns = input.suite->warmup_ns;
  for (const Clause* other : clauses) trial.clauses.push_back(other->id);
  plan.trials.push_back(std::move(trial));
}

// Those of equal workload that are of one SKU, or of every one, in the contract's order.
std::vector<const Clause*> of_sku(const std::vector<const Clause*>& clauses, const std::string& sku) {
  std::vector<const Clause*> some;
  std::copy_if(clauses.begin(), clauses.end(), std::back_inserter(some),
               [&](const Clause* clause) { return clause->sku == sku; });
  return some;
}

// A group for each SKU that the clauses name, and one for those that name none.
void add_groups(const PlanInput& input, const UnitSkus& skus, const std::vector<const Clause*>& together,
                std::uint32_t ranks, Plan& plan) {
  std::vector<std::string> done;
  for (const Clause* clause : together) {
    if (std::find(done.begin(), done.end(), clause->sku) != done.end()) continue;
    done.push_back(clause->sku);
    const bool cluster = clause->scope == Scope::kCluster;
    auto members = group_of(plan.units, skus, clause->sku, cluster, ranks);
    if (members.empty()) continue;
    add_trial(input, skus, of_sku(together, clause->sku), {cluster ? kClusterUnit : Unit{input.node, ""}},
              std::move(members), plan);
  }
}

// Clauses of equal workload. Units of several SKUs that are to be busy at once are so in one trial, each judged by the
// clauses of its own.
void add_trials(const PlanInput& input, const UnitSkus& skus, const std::vector<const Clause*>& together, Plan& plan) {
  const Workload& workload = together.front()->workload;
  const ops::Operation* operation = ops::find(workload.op);
  const std::uint32_t ranks = operation == nullptr ? 1 : operation->ranks(workload.params);
  if (ranks > 1) return add_groups(input, skus, together, ranks, plan);
  std::vector<Unit> units;
  for (const PlannedUnit& planned : plan.units) {
    if (!measured(planned)) continue;
    std::vector<const Clause*> wanting;
    std::copy_if(together.begin(), together.end(), std::back_inserter(wanting),
                 [&](const Clause* clause) { return skus.is(planned.unit, clause->sku); });
    if (wanting.empty()) continue;
    if (workload.concurrency == Concurrency::kAlone) {
      add_trial(input, skus, wanting, {planned.unit}, {}, plan);
    } else {
      units.push_back(planned.unit);
    }
  }
  if (!units.empty()) add_trial(input, skus, together, std::move(units), {}, plan);
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
  plan.adaptive_min_blocks = input.suite->adaptive_min_blocks;
  plan.budget_ns = input.suite->budget_ns;
  plan.units = reconcile(input);
  for (PlannedUnit& unit : launched_units(input)) {
    unit.unit = name_of_its_own(unit.unit, plan.units);
    plan.units.push_back(std::move(unit));
  }

  const UnitSkus skus(*input.contract);
  for (const Clause& clause : input.contract->clauses) {
    const std::vector<const Clause*> together = served_together(*input.contract, clause);
    if (together.front() == &clause) add_trials(input, skus, together, plan);
  }
  return plan;
}

}  // namespace geomsu
