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

// How a clause's numbers are looked at, of the trials that serve it.
struct Looks {
  std::uint32_t looks = 1;                  // that the error is split over
  std::uint32_t blocks = 0, extension = 0;  // judged ones
};

// The level over all looks: 1 - the sum of what each look's exact level leaves. Nothing where a bound does not exist.
std::optional<double> total_level(const Clause& clause, const Looks& terms);

// The rows of a clause added up, without keeping them: the weakest, and how many. Adding in any order, or adding
// tallies of parts, gives the same.
struct ClauseTally {
  std::uint32_t units = 0, passed = 0;
  std::optional<ClauseRow> weakest;  // the one that decides
  Looks terms;
  void add(const Clause& clause, const ClauseRow& row);
  void add(const Clause& clause, const ClauseTally& other);
};

// Of no unit: NOT_RUN; but NOT_APPLICABLE where the clause is about an SKU of which the inspected tranche has none.
// `adaptive`: no level is claimed.
ClauseSummary summarise(const Contract& contract, const Clause& clause, const ClauseTally& tally,
                        bool adaptive = false);

}  // namespace geomsu
