// Where a bar comes from, and what that says of it.
#pragma once

#include <string>

#include "harness/contract/clause.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

void read_provenance(MapReader& clause_reader, ReadClause& read, Diagnostics& diagnostics);

// Warnings: a figure taken with everything else idle that is held against a busy node, and one that is younger than
// the contract. `contract_date` may be empty.
void check_provenance(const ReadClause& read, const std::string& contract_date, Diagnostics& diagnostics);

}  // namespace geomsu
