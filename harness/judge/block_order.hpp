// What blocks say by their order and their times: whether they depend on each other, when they were throttled, when
// error counters grew, whether they drift. Pure; all of it is recomputed from the row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

class RowMemo;

inline constexpr double kLag1Limit = 0.2;         // autocorrelation over it: the blocks depend on each other
inline constexpr double kSessionsDifferP = 0.01;  // Kruskal-Wallis below it: the sessions differ
inline constexpr double kDriftP = 0.01;           // Mann-Kendall below it: a drift is named

// The values that are judged: every block, or of a thinned trial the first of each `thin`.
std::vector<double> judged_values(const PlannedTrial& planned, std::string_view quantity, const Trial& trial,
                                  RowMemo* memo = nullptr);

// Words where the blocks were not spread over sessions and time as planned. Nothing for a trial that is not sustained.
std::optional<std::string> schedule_fault(const PlannedTrial& planned, const Trial& trial);

// For a sustained trial whose schedule holds.
Dependence dependence_of(const PlannedTrial& planned, const Trial& trial);
std::string dependence_words(const Dependence& dependence);  // what of it is over its limit, with numbers

// Throttling, counters that grew and drifts, each with the time since the trial's start.
std::vector<Finding> block_findings(const PlannedTrial& planned, const Trial& trial);

}  // namespace geomsu
