#include "harness/measure/adaptive.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/contract/side.hpp"
#include "harness/stats/looks.hpp"
#include "harness/stats/order.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

// Nothing where the clause is not decided by one unit's bounds.
std::optional<Side> side(const Clause& clause, std::span<const double> values, double confidence) {
  const auto statistic = stats::parse_statistic(clause.statistic);
  if (!statistic || clause.scope == Scope::kLot || !clause.per.empty() || !clause.of.empty()) return std::nullopt;
  const auto bounds = stats::bounds(*statistic, values, confidence);
  if (!bounds) return std::nullopt;
  return side_of(clause, bounds->lower, bounds->upper);
}

std::vector<double> wall_values(const Clause& clause, const Trial& trial) {
  const ops::Operation* operation = ops::find(clause.workload.op);
  std::vector<double> values;
  if (operation == nullptr || trial.repeats == 0) return values;
  for (const std::int64_t ns : trial.wall_ns) {
    values.push_back(
        operation->value(clause.workload.params, clause.quantity, trial.repeats, std::max<std::int64_t>(1, ns)));
  }
  return values;
}

const Clause* clause_of(const Contract& contract, const std::string& id) {
  const auto clause = std::find_if(contract.clauses.begin(), contract.clauses.end(),
                                   [&id](const Clause& candidate) { return candidate.id == id; });
  return clause == contract.clauses.end() ? nullptr : &*clause;
}

}  // namespace

bool decided(const Contract& contract, const PlannedTrial& planned, const Trial& trial) {
  const std::uint32_t at = looks(contract, planned.extension);
  return !planned.clauses.empty() && std::all_of(planned.clauses.begin(), planned.clauses.end(), [&](const auto& id) {
    const Clause* clause = clause_of(contract, id);
    if (clause == nullptr) return false;
    const double confidence = stats::look_confidence(clause->confidence, at);
    const auto found = side(*clause, wall_values(*clause, trial), confidence);
    return found && *found != Side::kUndecided;
  });
}

bool undecided(const Contract& contract, const PlannedTrial& planned, const Trial& trial) {
  if (trial.wall_ns.size() < planned.blocks) return false;
  return std::any_of(planned.clauses.begin(), planned.clauses.end(), [&](const auto& id) {
    const Clause* clause = clause_of(contract, id);
    if (clause == nullptr) return false;
    const std::vector<double> values = wall_values(*clause, trial);
    const double confidence = stats::look_confidence(clause->confidence, looks(contract, planned.extension));
    return side(*clause, std::span(values).first(planned.blocks), confidence) == Side::kUndecided;
  });
}

}  // namespace geomsu
