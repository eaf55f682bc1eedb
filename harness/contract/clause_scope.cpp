#include "harness/contract/clause_scope.hpp"

#include <fmt/format.h>

#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

Mark place_of(MapReader& reader, const std::string& key) {
  const YamlNode* node = reader.optional_node(key);
  return node == nullptr ? reader.at() : node->at;
}

// 1 where the workload runs on single devices; 0 where it is unknown.
std::uint32_t ranks_of(const Clause& clause) {
  const ops::Operation* operation = ops::find(clause.operation);
  if (operation == nullptr || clause.workload.op.empty()) return 0;
  return operation->ranks(clause.workload.params);
}

// What wants several devices in one group is a figure of the node or of the cluster, and only that may be.
void check_group(const ReadClause& read, Diagnostics& diagnostics) {
  const Clause& clause = read.clause;
  const std::uint32_t ranks = ranks_of(clause);
  if (ranks > 1 && clause.scope != Scope::kNode && clause.scope != Scope::kCluster) {
    diagnostics.error(read.scope_at, fmt::format("'scope' of a {} over {} devices", clause.operation, ranks),
                      {"the devices work together, and no single one has a figure",
                       "write `scope: node`, or `cluster` where they stand in several nodes"});
  } else if (ranks > 1 && !clause.of.empty()) {
    diagnostics.error(read.of_at, fmt::format("'of' of a {} over {} devices", clause.operation, ranks),
                      {"the devices work together, and no single one has a median", "remove `of`"});
  } else if (ranks == 1 && clause.scope == Scope::kCluster && clause.of.empty()) {
    diagnostics.error(
        read.scope_at, fmt::format("'scope: cluster' of {}, which runs on one device", clause.operation),
        {"a cluster's figure needs a workload that its devices share, or what it is of",
         "add `of: unit_medians`, or write `scope: device`, or `node` for the worst device of each node"});
  }
}

// A figure of the whole lot says what it is of: the units' medians, or the delivery's sum per won.
void check_lot(const ReadClause& read, Diagnostics& diagnostics) {
  const Clause& clause = read.clause;
  if (!clause.of.empty() && read.has_per) {
    return diagnostics.error(read.of_at, "both 'of' and 'per'",
                             {"a figure per won is of the units' lower bounds, and nothing else",
                              "remove `of`, or judge the units' medians in a clause of its own"});
  }
  const bool wide = clause.scope == Scope::kLot || clause.scope == Scope::kCluster;
  if (!clause.of.empty() && !wide) {
    diagnostics.error(
        read.of_at, "'of' without 'scope: lot' or 'cluster'",
        {"a unit or a node has its own figure, and is no population", "write `scope: lot`, or remove `of`"});
  }
  if (clause.scope == Scope::kLot && clause.of.empty() && !read.has_per && ranks_of(clause) <= 1) {
    diagnostics.error(read.scope_at, "'scope: lot' without 'per' or 'of'",
                      {"a figure of the whole lot is per won, or of its units' medians",
                       "write `per: capex`, or `of: unit_medians`, or `scope: device`"});
  }
  if (read.has_per && clause.scope != Scope::kLot) {
    diagnostics.error(read.per_at, "'per' without 'scope: lot'",
                      {"the price is that of the whole delivery, so the figure is too", "write `scope: lot`"});
  }
  if (read.has_per && !clause.sku.empty()) {
    diagnostics.error(
        read.sku_at, "'sku' of a figure per won",
        {"the price is that of the whole delivery, and one SKU's performance over it means nothing", "remove `sku`"});
  }
}

// What an item of a sampling plan and a member of a fleet is: a unit, and never the lot itself.
void check_units(MapReader& reader, const ReadClause& read, Diagnostics& diagnostics) {
  const Clause& clause = read.clause;
  if (clause.scope == Scope::kDevice || clause.scope == Scope::kNode) return;
  if (clause.inspection == Inspection::kSampled) {
    diagnostics.error(read.inspection_at, "'inspection: sampled' of a figure of the cluster or the lot",
                      {"an item of a sampling plan is a node, and this figure is of all of them",
                       "write `inspection: screening`, or remove the line"});
  }
  if (reader.optional_node("outliers") != nullptr) {
    diagnostics.error(
        read.outliers_at, "'outliers' of a figure of the cluster or the lot",
        {"an outlier is one unit among others, and this figure has no units", "write it in the clause of the devices"});
  }
}

}  // namespace

void read_scope(MapReader& reader, ReadClause& read, Diagnostics& diagnostics) {
  Clause& clause = read.clause;
  const auto scope = reader.required_choice<Scope>(
      "scope", {{"device", Scope::kDevice}, {"node", Scope::kNode}, {"cluster", Scope::kCluster}, {"lot", Scope::kLot}},
      {"it says whose figure is judged",
       "write `scope: device`, `node`, `cluster` (several nodes at once) or, with `per` or `of`, `lot`"});
  clause.scope = scope.value_or(Scope::kDevice);
  read.has_per = reader.optional_node("per") != nullptr;
  const auto per = reader.optional_choice<std::string>("per", {{"capex", "capex"}},
                                                       {{"tco_5y", "write `per: capex`; running costs come later"}});
  clause.per = per.value_or("");
  const bool has_of = reader.optional_node("of") != nullptr;
  const auto of = reader.optional_choice<std::string>("of", {{"unit_medians", "unit_medians"}});
  clause.of = of.value_or("");
  clause.sku = reader.optional_text("sku").value_or("");
  clause.inspection = reader
                          .optional_choice<Inspection>(
                              "inspection", {{"screening", Inspection::kScreening}, {"sampled", Inspection::kSampled}})
                          .value_or(Inspection::kScreening);
  clause.outliers = reader
                        .optional_choice<OutlierRule>("outliers", {{"finding", OutlierRule::kFinding},
                                                                   {"inconclusive", OutlierRule::kInconclusive},
                                                                   {"fail", OutlierRule::kFail}})
                        .value_or(OutlierRule::kFinding);
  read.scope_at = place_of(reader, "scope");
  read.per_at = place_of(reader, "per");
  read.of_at = place_of(reader, "of");
  read.sku_at = place_of(reader, "sku");
  read.inspection_at = place_of(reader, "inspection");
  read.outliers_at = place_of(reader, "outliers");
  // What is misspelt has been said, and what it would have meant is not known.
  if (!scope || (has_of && !of) || (read.has_per && !per)) return;
  check_group(read, diagnostics);
  check_lot(read, diagnostics);
  check_units(reader, read, diagnostics);
}

}  // namespace geomsu
