// Exact single sampling plans: how many of a finite lot must be looked at, and how many bad ones are allowed, so that
// both sides' risks hold. No table and no approximation.
#pragma once

#include <cstdint>
#include <optional>

namespace geomsu::stats {

// A lot of at most a share p0 of bad items is rejected with a probability of at most alpha (producer's risk), one of at
// least p1 is accepted with at most beta (consumer's risk). p0 = 0, alpha = 1: only the consumer's risk counts, and the
// plan allows none.
struct PlanRisks {
  double p0 = 0, alpha = 0.05, p1 = 0, beta = 0.05;
};

// The most items that are at most a share p of the lot, and the fewest that are at least that. A share is taken to
// twelve digits, so that 7 % is 7 of 100 and not 8, whichever way the double was made.
std::uint32_t most_within(double p, std::uint32_t lot);
std::uint32_t least_reaching(double p, std::uint32_t lot);

struct LotPlan {
  std::uint32_t n = 0, ac = 0;                  // accepted where at most `ac` of the n drawn are nonconforming
  std::uint32_t good = 0, bad = 0;              // nonconforming items of a lot at p0, at p1; 0 of a lot without end
  double producer_risk = 0, consumer_risk = 0;  // what the plan has, at most what was asked for
};

// The plan of the smallest n, and of that the smallest Ac. Nothing where the risks are no probabilities, or no lot of
// that size lies on p1's side without lying on p0's. Where there is a plan at all, n <= lot.
std::optional<LotPlan> exact_plan(const PlanRisks& risks, std::uint32_t lot);

// Of a lot without end (binomial). Nothing where p0 >= p1, or n would be over 10^7.
std::optional<LotPlan> infinite_plan(const PlanRisks& risks);

// The smallest n of which a lot with `bad` nonconforming items gives more than `ac` of them with a probability of at
// least 1 - beta. Nothing where bad <= ac.
std::optional<std::uint32_t> smallest_sample(std::uint32_t lot, std::uint32_t bad, std::uint32_t ac, double beta);

}  // namespace geomsu::stats
