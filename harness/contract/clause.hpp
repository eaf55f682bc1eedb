// One clause of a contract, read and checked as far as it can be alone; contract.cpp checks it against the rest.
#pragma once

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {

// A clause with the places that later checks speak of. `whole` is false where something in it was refused: then only
// its id is of use.
struct ReadClause {
  Clause clause;
  Mark id_at, statistic_at, per_at, of_at, scope_at, sku_at, inspection_at, outliers_at, sustained_at;
  Mark low_at, high_at;  // of the bars; of a clause without `between` the one that it has is in bar_at() too
  Mark provenance_date_at, provenance_concurrency_at;
  bool whole = true;
  bool has_per = false;

  Mark bar_at() const { return clause.at_least ? low_at : high_at; }
};

ReadClause read_clause(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace geomsu
