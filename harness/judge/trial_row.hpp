// One clause against one trial: first whether the measurement may be judged at all, then its bounds against the bar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"
#include "harness/stats/order.hpp"

namespace geomsu {

// A trial of several units starts no later than this after the agreed instant, else they were not measured together.
inline constexpr std::int64_t kLateLimitNs = 1'000'000;

// A quantity of each block (ops::Operation::value), in its SI unit; G = 1e9. Empty where a count or a block is not
// above zero.
std::vector<double> block_values(const Workload& workload, std::string_view quantity, const Trial& trial);

// Of a group, the rank whose median block took longest; nothing where ranks were not told apart.
std::optional<std::uint32_t> slowest_rank(const Trial& trial);

// Without bounds: why there are none (`row` has the outcome, the reason and the words). With bounds: `row` has them,
// and no outcome yet.
struct Measured {
  ClauseRow row;
  std::optional<stats::Bounds> bounds;
  std::string slowest;  // of a group: which rank is judged, in words
};
// adaptive_min_blocks: of a plan whose trials may stop early; sustained ones never do.
Measured measure_row(const Clause& clause, const PlannedTrial& planned, const Trial& trial,
                     std::optional<std::uint32_t> adaptive_min_blocks = std::nullopt);

// What the bounds say of the bar. `unit` is what the figures are printed in.
void judge_bounds(const Clause& clause, double lower, double upper, ClauseRow& row);

// The clause on one unit's trial, whole.
ClauseRow judge_trial(const Clause& clause, const PlannedTrial& planned, const Trial& trial);

std::string bar_words(const Clause& clause);  // "at least 100.0 GFLOP/s"

}  // namespace geomsu
