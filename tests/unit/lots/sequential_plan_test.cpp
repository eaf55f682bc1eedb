#include "harness/stats/sequential_plan.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "harness/stats/lot_plan.hpp"

namespace geomsu::stats {
namespace {

struct Counted {
  double accepted = 0, expected = 0;
};

// Every order in which `bad` of the lot can come, walked one by one.
Counted enumerate(const SequentialPlan& plan, unsigned bad) {
  std::uint64_t orders = 0, accepted = 0, items = 0;
  for (std::uint32_t order = 0; order < (1u << plan.lot); ++order) {
    if (std::popcount(order) != static_cast<int>(bad)) continue;
    ++orders;
    int found = 0;
    for (std::uint32_t n = 1;; ++n) {
      found += ((order >> (n - 1)) & 1u) != 0 ? 1 : 0;
      if (found > plan.accept[n] && found < plan.reject[n]) continue;
      accepted += found <= plan.accept[n] ? 1u : 0u;
      items += n;
      break;
    }
  }
  return {static_cast<double>(accepted) / static_cast<double>(orders),
          static_cast<double>(items) / static_cast<double>(orders)};
}

TEST(SequentialPlan, HasExactlyTheCharacteristicThatAllOrdersOfASmallLotGive) {
  int plans = 0;
  for (const PlanRisks& risks : {PlanRisks{0.1, 0.1, 0.4, 0.1}, PlanRisks{0, 0.05, 0.3, 0.05},
                                 PlanRisks{0.2, 0.3, 0.5, 0.3}, PlanRisks{0.07, 0.2, 0.2, 0.4}}) {
    for (const std::uint32_t truncation : {0u, 9u, 14u}) {
      const auto plan = sequential_plan(risks, 14, truncation);
      if (!plan) continue;
      ++plans;
      for (unsigned bad = 0; bad <= 14; ++bad) {
        const Counted wanted = enumerate(*plan, bad);
        const SequentialPoint found = sequential_point(*plan, bad);
        EXPECT_NEAR(found.accepted, wanted.accepted, 1e-14) << bad << " of " << plan->truncation;
        EXPECT_NEAR(found.expected, wanted.expected, 1e-12) << bad << " of " << plan->truncation;
      }
      EXPECT_NEAR(plan->producer_risk, 1 - enumerate(*plan, plan->good).accepted, 1e-14);
      EXPECT_NEAR(plan->consumer_risk, enumerate(*plan, plan->bad).accepted, 1e-14);
    }
  }
  EXPECT_GE(plans, 8);
}

TEST(SequentialPlan, KeepsBothRisksAndLooksAtFewerItemsThanTheSinglePlan) {
  const PlanRisks risks{0.01, 0.05, 0.05, 0.05};
  const auto single = exact_plan(risks, 510);
  const auto plan = sequential_plan(risks, 510);
  ASSERT_TRUE(single && plan);
  EXPECT_EQ(plan->truncation, std::min(510u, 2 * single->n));
  EXPECT_LE(plan->producer_risk, 0.05);
  EXPECT_LE(plan->consumer_risk, 0.05);
  EXPECT_LT(sequential_point(*plan, plan->good).expected, single->n);
  EXPECT_LT(sequential_point(*plan, plan->bad).expected, single->n);
  EXPECT_LT(sequential_point(*plan, 200).expected, 10);
}

TEST(SequentialPlan, AcceptsNoMoreOftenAsMoreAreBad) {
  const auto plan = sequential_plan({0.01, 0.05, 0.05, 0.05}, 510);
  ASSERT_TRUE(plan);
  double before = 1;
  for (std::uint32_t bad = 0; bad <= 510; ++bad) {
    const SequentialPoint point = sequential_point(*plan, bad);
    EXPECT_LE(point.accepted, before + 1e-15) << bad;
    EXPECT_GE(point.expected, 1) << bad;
    EXPECT_LE(point.expected, plan->truncation) << bad;
    before = point.accepted;
  }
  EXPECT_NEAR(sequential_point(*plan, 0).accepted, 1, 1e-15);
  EXPECT_EQ(sequential_point(*plan, 510).accepted, 0);
}

TEST(SequentialPlan, MovesItsBoundariesApartAndOnlyUpwards) {
  const auto plan = sequential_plan({0.01, 0.05, 0.05, 0.05}, 510);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->accept.size(), plan->truncation + 1u);
  for (std::size_t n = 1; n + 1 < plan->accept.size(); ++n) {
    EXPECT_LT(plan->accept[n], plan->reject[n]);
    EXPECT_GE(plan->accept[n], plan->accept[n - 1]);
    if (n > 1) {
      EXPECT_GE(plan->reject[n], plan->reject[n - 1]);
    }
  }
  EXPECT_EQ(plan->reject.back(), plan->accept.back() + 1);
}

TEST(SequentialPlan, OfALotWithoutToleratedItemsStopsAtTheFirstBadOne) {
  const auto plan = sequential_plan({0, 0.05, 0.02, 0.05}, 510);
  ASSERT_TRUE(plan);
  for (std::size_t n = 1; n < plan->reject.size(); ++n) EXPECT_EQ(plan->reject[n], 1);
  EXPECT_EQ(plan->producer_risk, 0);
  EXPECT_LE(plan->consumer_risk, 0.05);
}

TEST(SequentialPlan, OfTwentyThousandItemsIsFound) {
  const auto plan = sequential_plan({0.005, 0.05, 0.02, 0.05}, 20'000);
  ASSERT_TRUE(plan);
  EXPECT_LE(plan->producer_risk, 0.05);
  EXPECT_LE(plan->consumer_risk, 0.05);
}

TEST(SequentialPlanEdge, IsRefusedWhereTheTruncationIsTooLow) {
  EXPECT_FALSE(sequential_plan({0.01, 0.05, 0.05, 0.05}, 510, 20));
  EXPECT_FALSE(sequential_plan({0.01, 0.05, 0.05, 0.05}, 510, 1));
  EXPECT_TRUE(sequential_plan({0.01, 0.05, 0.05, 0.05}, 510, 100'000));  // the whole lot
}

TEST(SequentialPlanEdge, RefusesWhatIsNoRisk) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(sequential_plan({0.01, 1, 0.05, 0.05}, 510));
  EXPECT_FALSE(sequential_plan({0.01, 0, 0.05, 0.05}, 510));
  EXPECT_FALSE(sequential_plan({0.01, 0.6, 0.05, 0.4}, 510));
  EXPECT_FALSE(sequential_plan({0.01, nan, 0.05, 0.05}, 510));
  EXPECT_FALSE(sequential_plan({0.05, 0.05, 0.05, 0.05}, 0));
  const auto one = sequential_plan({0, 0.05, 1, 0.05}, 1);
  ASSERT_TRUE(one);
  EXPECT_EQ(sequential_point(*one, 0).accepted, 1);
  EXPECT_EQ(sequential_point(*one, 1).accepted, 0);
  EXPECT_EQ(sequential_point(*one, 1).expected, 1);
}

}  // namespace
}  // namespace geomsu::stats
