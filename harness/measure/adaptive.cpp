#include "harness/measure/adaptive.hpp"

#include <algorithm>

#include "harness/stats/order.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

bool clear(const Clause& clause, const std::vector<double>& values) {
  const auto statistic = stats::parse_statistic(clause.statistic);
  if (!statistic || !clause.per.empty()) return false;
  const auto bounds = stats::bounds(*statistic, values, clause.confidence);
  if (!bounds) return false;
  const double bar = clause.bar();
  if (clause.at_least) return bounds->lower >= bar || bounds->upper < bar;
  return bounds->upper <= bar || bounds->lower > bar;
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

}  // namespace

bool decided(const Contract& contract, const PlannedTrial& planned, const Trial& trial) {
  return !planned.clauses.empty() && std::all_of(planned.clauses.begin(), planned.clauses.end(), [&](const auto& id) {
    const auto clause = std::find_if(contract.clauses.begin(), contract.clauses.end(),
                                     [&id](const Clause& candidate) { return candidate.id == id; });
    return clause != contract.clauses.end() && clear(*clause, wall_values(*clause, trial));
  });
}

}  // namespace geomsu
