// `sustained:` of a clause: over how many fresh workers and how long its blocks are spread.
#pragma once

#include "harness/contract/clause.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// `sustained: {}` has the defaults; both keys may be given.
void read_sustained(MapReader& clause_reader, ReadClause& read, Diagnostics& diagnostics);

}  // namespace geomsu
