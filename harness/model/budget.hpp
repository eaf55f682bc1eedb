// How long a plan takes, line by line, before it is run. Pure: an estimate from the plan's own lengths, of one unit's
// time (units run side by side), without what a device needs to start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/plan.hpp"

namespace geomsu {

struct BudgetLine {
  std::string trial;  // "t001"
  std::int64_t timed_ns =
      0;  // blocks and their extension, at the length they come out at; of a sustained trial its whole span
  std::int64_t warmup_ns = 0;  // with the blocks by which the length is found; each session anew
  std::int64_t checks_ns = 0;  // reseeds, digests, drawn answers, one replay: each session
  std::int64_t total_ns() const;
};

struct Budget {
  std::int64_t soak_ns = 0;
  std::vector<BudgetLine> lines;         // in the plan's order
  std::optional<std::int64_t> limit_ns;  // the suite's
  std::int64_t total_ns() const;
  bool over() const { return limit_ns && total_ns() > *limit_ns; }
};

BudgetLine budget_of(const PlannedTrial& trial);
Budget budget_of(const Plan& plan);

// What to cut, the longest line first, where the plan is over its limit; empty where it is not.
std::string what_to_cut(const Plan& plan, const Budget& budget);

}  // namespace geomsu
