#include "harness/stats/lot_plan.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "harness/stats/hypergeometric.hpp"

namespace geomsu::stats {
namespace {

TEST(SmallestSample, IsTheKnownOneOfFiveHundredAndTen) {
  EXPECT_EQ(smallest_sample(510, least_reaching(0.01, 510), 0, 0.05), 200u);
  EXPECT_EQ(smallest_sample(510, least_reaching(0.02, 510), 0, 0.05), 121u);
  EXPECT_EQ(smallest_sample(510, least_reaching(0.05, 510), 0, 0.05), 55u);
}

TEST(SmallestSample, IsTheKnownOneOfTwoHundredAndFiftyFive) {
  EXPECT_EQ(smallest_sample(255, 3, 0, 0.05), 161u);
  EXPECT_EQ(smallest_sample(255, 8, 0, 0.05), 79u);
}

TEST(SmallestSample, DoesNotExistWhereNoMoreAreBadThanAreAllowed) {
  EXPECT_EQ(smallest_sample(100, 0, 0, 0.05), std::nullopt);
  EXPECT_EQ(smallest_sample(100, 2, 2, 0.05), std::nullopt);
  EXPECT_EQ(smallest_sample(100, 101, 0, 0.05), std::nullopt);
  EXPECT_EQ(smallest_sample(100, 3, 2, 0.05), 99u);  // P(X = 3 | 98 drawn) = .941
  EXPECT_EQ(smallest_sample(100, 3, 2, 0.01), 100u);
}

TEST(InfinitePlan, OfOnePerCentAndNoneAllowedIsTwoHundredAndNinetyNine) {
  const auto plan = infinite_plan({0, 1, 0.01, 0.05});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->n, 299u);
  EXPECT_EQ(plan->ac, 0u);
}

TEST(InfinitePlan, OfBothRisksIsTheOneInTextbooks) {
  // Montgomery, "Introduction to Statistical Quality Control", of p0 = 2 % at 5 % and p1 = 8 % at 10 %: n = 98, Ac = 4
  // is the exact answer to what its nomograph answers with 90 and 3.
  const auto plan = infinite_plan({0.02, 0.05, 0.08, 0.10});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->n, 98u);
  EXPECT_EQ(plan->ac, 4u);
}

TEST(ExactPlan, IsTheFirstThatACompleteSearchFinds) {
  for (const std::uint32_t lot : {1u, 2u, 3u, 17u, 40u, 64u}) {
    for (const double p0 : {0.0, 0.02, 0.05, 0.1, 0.3}) {
      for (const double p1 : {0.05, 0.1, 0.2, 0.5, 1.0}) {
        for (const double alpha : {0.01, 0.05, 0.2, 1.0}) {
          for (const double beta : {0.01, 0.1, 0.5}) {
            const std::uint32_t good = most_within(p0, lot), bad = least_reaching(p1, lot);
            std::optional<LotPlan> wanted;
            for (std::uint32_t n = 1; n <= lot && !wanted && good < bad; ++n) {
              for (std::uint32_t ac = 0; ac <= n && !wanted; ++ac) {
                const double producer = hypergeometric_tail({lot, good, n}, ac);
                const double consumer = hypergeometric_cdf({lot, bad, n}, ac);
                if (producer <= alpha && consumer <= beta) wanted = LotPlan{n, ac, good, bad, producer, consumer};
              }
            }
            const auto found = exact_plan({p0, alpha, p1, beta}, lot);
            ASSERT_EQ(found.has_value(), wanted.has_value()) << lot << ' ' << p0 << ' ' << p1;
            if (!found) continue;
            EXPECT_EQ(found->n, wanted->n) << lot << ' ' << p0 << ' ' << alpha << ' ' << p1 << ' ' << beta;
            EXPECT_EQ(found->ac, wanted->ac) << lot << ' ' << p0 << ' ' << alpha << ' ' << p1 << ' ' << beta;
            EXPECT_EQ(found->good, wanted->good);
            EXPECT_EQ(found->bad, wanted->bad);
            EXPECT_EQ(found->producer_risk, wanted->producer_risk);
            EXPECT_EQ(found->consumer_risk, wanted->consumer_risk);
          }
        }
      }
    }
  }
}

TEST(ExactPlan, OfSixtyFiveThousandItemsMeetsBothRisksAndOneItemFewerDoesNot) {
  const PlanRisks risks{0.005, 0.05, 0.02, 0.05};
  const auto plan = exact_plan(risks, 65'000);
  ASSERT_TRUE(plan);
  EXPECT_LE(plan->producer_risk, 0.05);
  EXPECT_LE(plan->consumer_risk, 0.05);
  for (std::int64_t ac = 0; ac < 40; ++ac) {
    EXPECT_FALSE(hypergeometric_tail({65'000, plan->good, plan->n - 1}, ac) <= 0.05 &&
                 hypergeometric_cdf({65'000, plan->bad, plan->n - 1}, ac) <= 0.05)
        << ac;
  }
}

TEST(ExactPlan, WithoutAProducersRiskAllowsNone) {
  const auto plan = exact_plan({0, 1, 0.02, 0.05}, 510);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->n, 121u);
  EXPECT_EQ(plan->ac, 0u);
  EXPECT_EQ(plan->producer_risk, 0);
}

TEST(Shares, AreTakenToTwelveDigits) {
  for (int percent = 1; percent <= 100; ++percent) {
    const auto count = static_cast<std::uint32_t>(percent);
    EXPECT_EQ(least_reaching(percent / 100.0, 100), count);
    EXPECT_EQ(least_reaching(percent * 0.01, 100), count);
    EXPECT_EQ(most_within(percent / 100.0, 100), count);
    EXPECT_EQ(most_within(percent * 0.01, 100), count);
  }
  EXPECT_EQ(least_reaching(0.01, 510), 6u);
  EXPECT_EQ(most_within(0.01, 510), 5u);
  EXPECT_EQ(least_reaching(1e-9, 510), 1u);
}

TEST(ExactPlanEdge, RefusesWhatIsNoRisk) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(exact_plan({0, 1, 0.02, 0.05}, 0));
  EXPECT_FALSE(exact_plan({0.02, 0.05, 0.02, 0.05}, 100));
  EXPECT_FALSE(exact_plan({0.011, 0.05, 0.019, 0.05}, 100) && most_within(0.011, 100) >= least_reaching(0.019, 100));
  EXPECT_FALSE(exact_plan({0, 1, 0, 0.05}, 100));
  EXPECT_FALSE(exact_plan({0, 1, 0.02, 0}, 100));
  EXPECT_FALSE(exact_plan({0, 1, 0.02, 1}, 100));
  EXPECT_FALSE(exact_plan({nan, 1, 0.02, 0.05}, 100));
  EXPECT_FALSE(exact_plan({0, nan, 0.02, 0.05}, 100));
  EXPECT_FALSE(exact_plan({0, 1, nan, 0.05}, 100));
  EXPECT_FALSE(exact_plan({0, 1, 0.02, nan}, 100));
  EXPECT_FALSE(infinite_plan({0.02, 0.05, 0.02, 0.05}));
}

TEST(ExactPlanEdge, OfOneItemLooksAtIt) {
  const auto plan = exact_plan({0, 1, 0.5, 0.05}, 1);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->n, 1u);
}

}  // namespace
}  // namespace geomsu::stats
