// The clauses of a contract, and what each asks of the others and of the rest of the contract.
#pragma once

#include <vector>

#include "harness/contract/clause.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// What clauses are checked against beside each other.
struct Surroundings {
  const Suite* suite = nullptr;
  const SheetLibrary* sheets = nullptr;
  BoundExists bound_exists = nullptr;
  bool has_price = false;        // also a wrong one: that is said once, and not again at each clause
  bool has_fleet_terms = false;  // likewise
};

// `contract` holds everything else already.
std::vector<ReadClause> read_clauses(MapReader& reader, const Contract& contract, const Surroundings& around,
                                     Diagnostics& diagnostics);

}  // namespace geomsu
