// From rows to a clause: the worst of its units, with the unit named that decided it.
#pragma once

#include <cstdint>
#include <optional>
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

// The rows of a clause added up, without keeping them: the weakest, and how many. Adding in any order, or adding
// tallies of parts, gives the same.
struct ClauseTally {
  std::uint32_t units = 0, passed = 0;
  std::uint32_t bounded = 0;         // rows with an interval: each could be a false FAIL
  std::optional<ClauseRow> weakest;  // the one that decides
  void add(const Clause& clause, const ClauseRow& row);
  void add(const Clause& clause, const ClauseTally& other);
};

ClauseSummary summarise(const Clause& clause, const ClauseTally& tally);
ClauseSummary summarise(const Clause& clause, std::span<const ClauseRow> rows);

}  // namespace geomsu
