// Whether a trial's answer is already clear, for suites that stop adaptively (nightly looks). Pure.
//
// Danger: who looks after each block and stops once the bounds are on one side has looked many times, so no level is
// claimed of such a run and nothing is accepted by it.
#pragma once

#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

// The values of blocks so far, by the host's wall time: work a second.
std::vector<double> wall_values(const Trial& trial);

// True where, for every clause that the trial serves, both bounds exist and lie on one side of the bar. Never for a
// clause that a single unit cannot decide (per won), nor for a clause that the contract does not have.
bool decided(const Contract& contract, const PlannedTrial& planned, const Trial& trial);

}  // namespace geomsu
