// What clauses ask of a suite: enough blocks for their bounds, room for a sustained schedule, and a tail beside each
// median.
#pragma once

#include <vector>

#include "harness/contract/clause.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"

namespace geomsu {

// Errors where a bound does not exist for the blocks of the clause's trial, with and without the extension, at the
// confidence of each look, naming how many would do, or where the blocks do not fit into a sustained clause's span.
// `bound_exists` may be null: then bounds are not looked at.
void check_against_suite(const std::vector<ReadClause>& clauses, const Reruns& reruns, const Suite& suite,
                         BoundExists bound_exists, Diagnostics& diagnostics);

// A median of a throughput without a p05 (or min) of the same workload beside it: a unit that throttles in a fifth of
// its blocks keeps its median (T21).
void warn_of_medians(const std::vector<ReadClause>& clauses, Diagnostics& diagnostics);

}  // namespace geomsu
