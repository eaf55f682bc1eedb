// One clause on one unit: which trial is its, which of its attempts is judged, and what came of it.
#pragma once

#include <span>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/judge/scope.hpp"
#include "harness/judge/trial_row.hpp"
#include "harness/model/environment.hpp"

namespace geomsu {

// All that a unit's row is made from.
struct UnitView {
  const Contract& contract;
  const Plan& plan;
  const Environment* environment = nullptr;
  const TrialTable& trials;
  const TrialIndex& planned;
  std::span<const JudgedUnit> units;
  RowMemo* memo = nullptr;  // LookTerms
};

// The clause measured on one unit; where there is no trial, why not. The first attempt is judged, unless the contract's
// `reruns` let a later one stand in; the row's words then name them all. An attempt that is not in the evidence while
// later ones are makes the row INVALID: nobody chooses among attempts.
Measured measure_unit(const UnitView& view, const Clause& clause, const JudgedUnit& unit);

}  // namespace geomsu
