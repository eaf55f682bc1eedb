// `sku:` or `skus:` of a contract: which datasheets its bars are held against, and which units and clauses may name.
#pragma once

#include <string>
#include <vector>

#include "harness/contract/clause.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// Fills `sku` and `skus`. Each must have a sheet where `sheets` are given.
void read_skus(MapReader& reader, Contract& contract, const SheetLibrary* sheets, Diagnostics& diagnostics);

// An error where `sku` is none of the contract's.
void check_sku(const std::string& sku, Mark at, const std::vector<std::string>& skus, Diagnostics& diagnostics);

// A clause's `sku` is one of the contract's, and there are units of it.
void check_clause_sku(const ReadClause& read, const Contract& contract, Diagnostics& diagnostics);

}  // namespace geomsu
