#include "harness/contract/fleet_terms.hpp"

#include <fmt/format.h>

#include "harness/contract/fields.hpp"

namespace geomsu {

std::optional<FleetTerms> read_fleet_terms(MapReader& contract_reader, Diagnostics& diagnostics) {
  const YamlNode* node = contract_reader.optional_node("fleet");
  if (node == nullptr) return std::nullopt;
  const Advice advice{"a unit beyond either is an outlier of its fleet",
                      "write `fleet: {robust_z: 5, distance: 10 %}`"};
  MapReader reader(*node, "'fleet'", diagnostics);
  FleetTerms terms;
  const auto z = reader.required_quantity("robust_z", Dimension::kNone, advice);
  terms.robust_z = z ? z->value : terms.robust_z;
  if (z && !(z->value > 0)) {
    diagnostics.error(reader.optional_node("robust_z")->at, "'robust_z' is not above zero", advice);
  }
  terms.distance = required_share(reader, "distance", 0, 1, false, advice, diagnostics).value_or(terms.distance);
  reader.finish();
  return terms;
}

void check_outliers(const std::vector<ReadClause>& clauses, bool has_terms, Diagnostics& diagnostics) {
  if (has_terms) return;
  for (const ReadClause& read : clauses) {
    if (!read.whole || read.clause.outliers == OutlierRule::kFinding) continue;
    diagnostics.error(read.outliers_at, "'outliers' in a contract that does not say what one is",
                      {"the limit decides who fails, so it has no default",
                       "add `fleet: {robust_z: 5, distance: 10 %}` to the contract"});
  }
}

}  // namespace geomsu
