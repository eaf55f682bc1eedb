// Sampling one item after the other: after each the lot is accepted, rejected, or the next one is looked at, and at the
// truncation it is decided whatever came. Wald, "Sequential Analysis" (1947), with the exact likelihood ratio of a
// finite lot in the place of the binomial one, and the exact risks by dynamic programming in the place of Wald's
// approximation, which truncation breaks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/stats/lot_plan.hpp"

namespace geomsu::stats {

struct SequentialPlan {
  std::uint32_t lot = 0, truncation = 0;  // items; the most that are drawn
  std::uint32_t good = 0, bad = 0;        // nonconforming items of a lot at p0, at p1
  // After n items, at index n: accepted where at most accept[n] were nonconforming (-1: not yet), rejected where at
  // least reject[n] were. At the truncation reject = accept + 1.
  std::vector<std::int32_t> accept, reject;
  double producer_risk = 0, consumer_risk = 0;
};

// Boundaries at Wald's likelihood ratios beta / (1 - alpha) and (1 - beta) / alpha, and at the truncation the least
// number with which both risks hold exactly. Where none does, the same with beta and 1 / alpha, which keep both risks
// without truncation. `truncation` 0: twice the n of exact_plan; never over the lot. Nothing where even so none does
// (the truncation is too low), there is no exact_plan, or alpha or beta are not inside (0, 1) or their sum is not
// below 1.
std::optional<SequentialPlan> sequential_plan(const PlanRisks& risks, std::uint32_t lot, std::uint32_t truncation = 0);

struct SequentialPoint {
  double accepted = 0;  // probability
  double expected = 0;  // items looked at, on average
};
// Of a lot with so many nonconforming items; exact.
SequentialPoint sequential_point(const SequentialPlan& plan, std::uint32_t nonconforming);

}  // namespace geomsu::stats
