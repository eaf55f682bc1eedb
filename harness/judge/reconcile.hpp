// Contracted, found, tested, accepted: every serial in its lists, none forgotten.
#pragma once

#include <span>
#include <vector>

#include "harness/judge/scope.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

// `rows`: those of single units. Accepted: a unit with at least one PASS and nothing but PASS and NOT_APPLICABLE;
// nobody where the evidence is simulated or the run could stop
// early.
Reconciliation reconcile(const Plan& plan, const TrialTable& trials, std::span<const JudgedUnit> judged,
                         std::span<const ClauseRow* const> rows);

}  // namespace geomsu
