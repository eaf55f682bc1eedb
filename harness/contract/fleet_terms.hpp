// `fleet:` of a contract: when a unit counts as an outlier among all of them.
#pragma once

#include <optional>
#include <vector>

#include "harness/contract/clause.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// Nothing where the contract has no `fleet:`; findings then have the defaults of FleetTerms.
std::optional<FleetTerms> read_fleet_terms(MapReader& reader, Diagnostics& diagnostics);

// An error where a clause lets an outlier change a verdict, and the contract does not say what one is.
void check_outliers(const std::vector<ReadClause>& clauses, bool has_terms, Diagnostics& diagnostics);

}  // namespace geomsu
