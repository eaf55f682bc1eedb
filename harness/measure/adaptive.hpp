// Whether a trial's answer is already clear: for suites that stop adaptively (nightly looks), and for the one extension
// that a plan may declare. Pure.
//
// Danger of the first: who looks after each block and stops once the bounds are on one side has looked many times, so
// no level is claimed of such a run and nothing is accepted by it.
#pragma once

#include "harness/contract/contract.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

// By the host's wall times of the blocks so far. True where, for every clause that the trial serves, both bounds exist
// and lie on one side of the bar. Never for a clause that a single unit cannot decide (per won), nor for a clause that
// the contract does not have.
bool decided(const Contract& contract, const PlannedTrial& planned, const Trial& trial);

// By the host's wall times of the planned blocks, at the level of a look. True where some clause that the trial serves
// has both bounds and they straddle its bar: the extension is then measured. It is asked once, and the judge decides
// again by the judged times: where the two differ at the bar's very edge, a clause stays INCONCLUSIVE without its
// extension, or has one that it did not need. Never for a clause that a single unit cannot decide, nor for min and max.
bool undecided(const Contract& contract, const PlannedTrial& planned, const Trial& trial);

}  // namespace geomsu
