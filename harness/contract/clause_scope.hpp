// Whose figure a clause judges: its scope, what a figure of the whole lot is of, per what money, and of which SKU.
#pragma once

#include "harness/contract/clause.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// `scope`, `of`, `per`, `sku`, `inspection` and `outliers`, and whether they go together. The workload must have been
// read.
void read_scope(MapReader& reader, ReadClause& read, Diagnostics& diagnostics);

}  // namespace geomsu
