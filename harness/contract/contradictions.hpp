// Clauses of one figure that cannot both hold, or of which one says nothing beside the other.
#pragma once

#include <vector>

#include "harness/contract/clause.hpp"
#include "harness/contract/diagnostics.hpp"

namespace geomsu {

// Of clauses of one measure, workload, scope, SKU and schedule: an error where one's low bar lies over another's high
// bar, a warning where two bars of one statistic point the same way, naming the stricter.
void check_contradictions(const std::vector<ReadClause>& clauses, Diagnostics& diagnostics);

}  // namespace geomsu
