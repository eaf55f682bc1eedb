// Sampling by variables, in the form of ISO 3951: accepted where (mean - L) / s >= k, s of the sample. It presumes a
// normal distribution, which prior data must show: throughput of parts that throttle is skewed to the left, and the
// plan is then wrong in the supplier's favour.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/stats/lot_plan.hpp"

namespace geomsu::stats {

struct VariablesPlan {
  std::uint32_t n = 0;
  double k = 0;  // to six decimals, upwards: what is printed is what is used
  double producer_risk = 0, consumer_risk = 0;
};

// The smallest n for which a k exists that meets both risks, and of the k that do the least one: sqrt(n) k is a
// quantile of the noncentral t with n - 1 degrees of freedom and noncentrality z(p) sqrt(n). Nothing unless 0 < p0 < p1
// < 0.5 and alpha and beta lie in (0, 0.5), or where n would be over 100,000. The lot counts as one without end.
std::optional<VariablesPlan> variables_plan(const PlanRisks& risks);

// The least k of a sample of n that accepts a share p of bad items with a probability of at most beta: the factor of a
// one-sided tolerance limit. NaN for n < 2, or a p or beta outside (0, 1).
double variables_k(std::uint32_t n, double p, double beta);

// P(accepted) of a lot of which a share p lies below the bar. 1 for p = 0, 0 for p = 1; NaN for n < 2 or p outside [0,
// 1].
double variables_accepted(std::uint32_t n, double k, double p);

}  // namespace geomsu::stats
