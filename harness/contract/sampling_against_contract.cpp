#include "harness/contract/sampling_against_contract.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace geomsu {
namespace {

constexpr std::size_t kFewLots = 10;  // no continuing series

// What a plan by variables asks of the clause that it judges.
void check_variables(const Contract& contract, const std::vector<ReadClause>& clauses, Mark at,
                     Diagnostics& diagnostics) {
  const std::string& id = contract.sampling.clause;
  std::vector<std::string> ids;
  for (const ReadClause& read : clauses) {
    if (!read.clause.id.empty()) ids.push_back(read.clause.id);
    if (read.clause.id != id || !read.whole) continue;
    const Clause& clause = read.clause;
    if (clause.inspection != Inspection::kSampled) {
      diagnostics.error(
          read.id_at, fmt::format("the plan by variables judges '{}', which is not sampled", id),
          {"a clause that is screened has every unit's own verdict", "write `inspection: sampled` in it"});
    }
    if (clause.between()) {
      diagnostics.error(read.low_at, fmt::format("the plan by variables judges '{}', which has two bars", id),
                        {"its constant is that of one side", "write `at_least:` or `at_most:`"});
    }
    return;
  }
  if (id.empty() || std::find(ids.begin(), ids.end(), id) != ids.end()) return;
  diagnostics.error(
      at, fmt::format("'sampling' names the clause {}, which is not there{}", shown(id), did_you_mean(id, ids)),
      {"the lot is decided by its figures", "write the id of a clause of this contract"});
}

}  // namespace

void check_sampling(const Contract& contract, const std::vector<ReadClause>& clauses, Mark at,
                    Diagnostics& diagnostics) {
  const Sampling& plan = contract.sampling;
  const bool draws = plan.named && plan.kind != Sampling::Kind::kFull;
  bool sampled = false;
  for (const ReadClause& read : clauses) {
    if (!read.whole || read.clause.inspection != Inspection::kSampled) continue;
    sampled = true;
    if (plan.named) continue;
    diagnostics.error(read.inspection_at, "'inspection: sampled' in a contract without a sampling plan",
                      {"nothing says which units are drawn, and what is not drawn would be missed by nobody",
                       "add `sampling: {kind: hypergeometric, ...}`, or write `inspection: screening`"});
  }
  if (!draws) return;
  if (!sampled) {
    diagnostics.warning(at, "a sampling plan, and no clause that is sampled",
                        {"every unit is due for every clause, so the plan decides nothing that they do not",
                         "write `inspection: sampled` in the long clauses, or remove the plan"});
  }
  if (contract.delivery.discover) {
    diagnostics.error(at, "a sampling plan without a delivery list",
                      {"the list is hashed before the secret is opened, and items are drawn from it",
                       "list the units, or remove the plan"});
  }
  const auto& units = contract.delivery.units;
  const auto homeless =
      std::find_if(units.begin(), units.end(), [](const DeliveredUnit& unit) { return unit.node.empty(); });
  if (homeless != units.end()) {
    diagnostics.error(at, fmt::format("a sampling plan, and unit {} has no node", shown(homeless->serial)),
                      {"an item that is drawn is a node", "write `node:` in each unit of the delivery list"});
  }
  if (plan.kind == Sampling::Kind::kVariables) check_variables(contract, clauses, at, diagnostics);
  if (plan.kind == Sampling::Kind::kIso2859 && contract.delivery.tranches.size() <= kFewLots) {
    diagnostics.warning(at, "ISO 2859-1 for a delivery of ten lots or fewer",
                        {"its risks hold over a continuing series, and a few lots of it accept bad ones too often",
                         "take the exact plan: `kind: hypergeometric`"});
  }
}

}  // namespace geomsu
