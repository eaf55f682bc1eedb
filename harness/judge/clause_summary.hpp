// From rows to a clause: the worst of its units, with the unit named that decided it.
#pragma once

#include <span>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

// True where `a` says less good of the clause than `b`: the worse outcome; among equals the one without bounds, then
// the one nearer to (or further beyond) the bar, then the unit's name.
bool weaker(const Clause& clause, const ClauseRow& a, const ClauseRow& b);

// One row a node, the weakest of its devices' and naming it; sorted by node.
std::vector<ClauseRow> node_rows(const Clause& clause, std::span<const ClauseRow> devices);

ClauseSummary summarise(const Clause& clause, std::span<const ClauseRow> rows);

}  // namespace geomsu
