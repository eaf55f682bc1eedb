// One clause against one trial: first whether the measurement may be judged at all, then its bounds against the bar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/judge/refusal.hpp"
#include "harness/judge/row_memo.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"
#include "harness/stats/order.hpp"

namespace geomsu {

// A quantity of each block (ops::Operation::value), in its SI unit; G = 1e9. Empty where a count or a block is not
// above zero. With a memo the workload's parameters are read once for all of its trials.
std::vector<double> block_values(const Workload& workload, std::string_view quantity, const Trial& trial,
                                 RowMemo* memo = nullptr);

// Of a group, the rank whose median block took longest; nothing where ranks were not told apart.
std::optional<std::uint32_t> slowest_rank(const Trial& trial);

bool observed(stats::Statistic statistic);  // min and max: what was seen, without an interval

// Whether the clause is decided by all units of the lot: its figure is of the lot, or of the units' medians.
bool wants_all_units(const Clause& clause);

// What beside the trial decides how it is looked at.
struct LookTerms {
  std::uint32_t looks = 1;                             // that the error is split over: contract.hpp's looks()
  std::optional<std::uint32_t> adaptive_min_blocks{};  // of a plan whose trials may stop early; sustained ones never do
  std::optional<Refusal> precondition{};               // what the unit is not, of what the contract wants it to be
  RowMemo* memo = nullptr;                             // of whoever judges many rows
};

// Without bounds: why there are none (`row` has the outcome, the reason and the words). With bounds: `row` has them,
// and no outcome yet.
struct Measured {
  ClauseRow row;
  std::optional<stats::Bounds> bounds;  // of the look that decides; of `unit_medians` the unit's median
  std::vector<double> values;           // in the order of the judged blocks; empty where nothing may be judged
  std::size_t planned_n = 0;            // so many of them were fixed in the plan; the others are its extension
  std::string more;                     // said where the row stays undecided
  std::string slowest;                  // of a group: which rank is judged, in words
  std::string attempts;                 // which attempts there were, where the judged one is not the first
  const PlannedTrial* planned = nullptr;
  bool counted = false;           // in State use, by the delivery list
  std::vector<Refusal> doubts{};  // what site and lot say of it, where only the whole lot's figure is judged
};
Measured measure_row(const Clause& clause, const PlannedTrial& planned, const Trial& trial,
                     const LookTerms& terms = {});

// With the bar: the whole row.
ClauseRow judged_row(const Clause& clause, const Measured& measured);

// The clause on one unit's trial, whole.
ClauseRow judge_trial(const Clause& clause, const PlannedTrial& planned, const Trial& trial,
                      const LookTerms& terms = {});

}  // namespace geomsu
