#include "harness/stats/variables_plan.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

// One-sided tolerance factors of 95 % content at 95 % confidence, as tables of them print.
TEST(VariablesK, IsTheKnownToleranceFactor) {
  EXPECT_NEAR(variables_k(5, 0.05, 0.05), 4.203, 1e-3);
  EXPECT_NEAR(variables_k(10, 0.05, 0.05), 2.911, 1e-3);
  EXPECT_NEAR(variables_k(30, 0.05, 0.05), 2.220, 1e-3);
  EXPECT_NEAR(variables_k(10, 0.10, 0.05), 2.355, 1e-3);
}

TEST(VariablesPlan, IsNearTheTextbookNomograph) {
  // p0 = 1 % at 5 %, p1 = 6 % at 10 %: a nomograph reads 40 and 1.9.
  const auto plan = variables_plan({0.01, 0.05, 0.06, 0.10});
  ASSERT_TRUE(plan);
  EXPECT_NEAR(plan->n, 40, 2);
  EXPECT_NEAR(plan->k, 1.9, 0.03);
}

TEST(VariablesPlan, MeetsBothRisksAndOneItemFewerMeetsThemWithNoK) {
  for (const PlanRisks& risks : {PlanRisks{0.01, 0.05, 0.06, 0.10}, PlanRisks{0.005, 0.05, 0.02, 0.05},
                                 PlanRisks{0.1, 0.2, 0.3, 0.2}, PlanRisks{0.001, 0.01, 0.2, 0.01}}) {
    const auto plan = variables_plan(risks);
    ASSERT_TRUE(plan);
    EXPECT_LE(plan->producer_risk, risks.alpha);
    EXPECT_LE(plan->consumer_risk, risks.beta);
    EXPECT_DOUBLE_EQ(plan->consumer_risk, variables_accepted(plan->n, plan->k, risks.p1));
    if (plan->n > 2) {
      EXPECT_LT(variables_accepted(plan->n - 1, variables_k(plan->n - 1, risks.p1, risks.beta), risks.p0),
                1 - risks.alpha);
    }
  }
}

TEST(VariablesPlan, AcceptsAsOftenInSimulationAsItSays) {
  const auto plan = variables_plan({0.01, 0.05, 0.06, 0.10});
  ASSERT_TRUE(plan);
  constexpr int kRuns = 20'000;
  std::mt19937_64 random(3951);
  const double bar_of[] = {-2.3263478740408408, -1.5547735945968535};  // normal quantiles of 1 % and 6 %
  const double wanted[] = {1 - plan->producer_risk, plan->consumer_risk};
  for (int i = 0; i < 2; ++i) {
    int accepted = 0;
    for (int run = 0; run < kRuns; ++run) {
      double sum = 0, square = 0;
      for (std::uint32_t j = 0; j < plan->n; j += 2) {  // Box-Muller, by hand: the library's differs between makers
        const double u = (static_cast<double>(random() >> 11) + 1) * 0x1p-53,
                     v = static_cast<double>(random() >> 11) * 0x1p-53;
        const double radius = std::sqrt(-2 * std::log(u));
        for (const double x : {radius * std::cos(6.283185307179586 * v), radius * std::sin(6.283185307179586 * v)}) {
          if (x == radius * std::sin(6.283185307179586 * v) && j + 1 == plan->n) continue;
          sum += x;
          square += x * x;
        }
      }
      const double n = plan->n, mean = sum / n, s = std::sqrt((square - n * mean * mean) / (n - 1));
      accepted += (mean - bar_of[i]) / s >= plan->k ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(accepted) / kRuns, wanted[i], 4 * std::sqrt(wanted[i] * (1 - wanted[i]) / kRuns));
  }
}

TEST(VariablesPlanEdge, RefusesWhatIsNoRisk) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(variables_plan({0, 0.05, 0.06, 0.10}));
  EXPECT_FALSE(variables_plan({0.06, 0.05, 0.06, 0.10}));
  EXPECT_FALSE(variables_plan({0.01, 0.05, 0.5, 0.10}));
  EXPECT_FALSE(variables_plan({0.01, 1, 0.06, 0.10}));
  EXPECT_FALSE(variables_plan({0.01, 0.05, 0.06, 0}));
  EXPECT_FALSE(variables_plan({nan, 0.05, 0.06, 0.10}));
  EXPECT_FALSE(variables_plan({0.0600000, 0.05, 0.0600001, 0.10}));  // n would be over 100,000
  EXPECT_TRUE(std::isnan(variables_k(1, 0.05, 0.05)));
  EXPECT_TRUE(std::isnan(variables_accepted(0, 1, 0.05)));
  EXPECT_EQ(variables_accepted(10, 2, 0), 1);
  EXPECT_EQ(variables_accepted(10, 2, 1), 0);
}

}  // namespace
}  // namespace geomsu::stats
