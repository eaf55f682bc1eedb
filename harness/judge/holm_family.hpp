// Many clauses on one unit: which of its FAILs hold together.
#pragma once

#include <span>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

// The chance that a unit which meets all of its clauses gets any FAIL by its numbers, at most.
inline constexpr double kHolmAlpha = 0.05;

// `rows`: of each clause, in the contract's order, those of its single units, before nodes are merged. The family of a
// unit is every row of it that has a p_fail; a group of devices is a unit of its own. A FAIL of the family that Holm
// does not reject becomes undecided: INCONCLUSIVE, or FAIL where the contract rejects what is undecided. FAILs for
// other reasons (wrong answers, unsupported, observed extremes) are no tests, belong to no family and stay.
void spare_by_holm(const Contract& contract, std::span<std::vector<ClauseRow>> rows);

// What FAILs by chance are to be expected, were every true value just at its bar.
struct FalseFails {
  std::uint64_t rows = 0, units = 0;  // that have an interval; of so many units
  double raw = 0;                     // rows whose bounds alone would say FAIL, by the exact levels of their looks
  double units_hit = 0;  // units with any FAIL after Holm, at most: of each the lesser of its levels' sum and of 5 %
  void add(const FalseFails& other);
};

// `errors`: of each clause 1 - its level over all looks; absent where it has none.
FalseFails false_fails(std::span<const std::vector<ClauseRow>> rows, std::span<const std::optional<double>> errors);

}  // namespace geomsu
