// One clause of a contract, read and checked as far as it can be alone; contract.cpp checks it against the rest.
#pragma once

#include <optional>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {

// A clause with the places that later checks speak of. `whole` is false where something in it was refused: then only
// its id is of use.
struct ReadClause {
  Clause clause;
  Mark id_at, bar_at, statistic_at, per_at, data_at, sustained_at;
  bool whole = true;
  bool has_per = false;
};

ReadClause read_clause(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace geomsu
