// What a sampling plan asks of the rest of its contract: sampled clauses, a list of nodes to draw from, and the clause
// that is judged by variables.
#pragma once

#include <vector>

#include "harness/contract/clause.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"

namespace geomsu {

// `at`: where the plan stands.
void check_sampling(const Contract& contract, const std::vector<ReadClause>& clauses, Mark at,
                    Diagnostics& diagnostics);

}  // namespace geomsu
