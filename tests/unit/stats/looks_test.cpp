#include "harness/stats/looks.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/stats/binomial.hpp"

namespace geomsu::stats {
namespace {

using Samples = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(LookConfidence, SplitsTheErrorEvenly) {
  EXPECT_EQ(look_confidence(0.95, 1), 0.95);
  EXPECT_EQ(look_confidence(0.95, 0), 0.95);
  EXPECT_DOUBLE_EQ(look_confidence(0.95, 2), 0.975);
  EXPECT_DOUBLE_EQ(look_confidence(0.95, 4), 0.9875);
  EXPECT_TRUE(std::isnan(look_confidence(kNan, 2)));
}

TEST(LookRule, LooksAtTheRanksOfHalfTheErrorTwice) {
  const auto rule = look_rule(0.5, 0.95, 30, 30);
  ASSERT_TRUE(rule);
  ASSERT_EQ(rule->looks.size(), 2u);
  EXPECT_EQ(rule->looks[0].n, 30u);
  EXPECT_EQ(rule->looks[0].ranks.lower, 10u);
  EXPECT_EQ(rule->looks[0].ranks.upper, 21u);
  EXPECT_EQ(rule->looks[1].n, 60u);
  EXPECT_EQ(rule->looks[1].ranks.lower, 22u);  // the sign test's two-sided 5 % for n = 60 is 21
  EXPECT_EQ(rule->looks[1].ranks.upper, 39u);
  const auto single = look_rule(0.5, 0.95, 30, 0);
  ASSERT_TRUE(single);
  ASSERT_EQ(single->looks.size(), 1u);
  EXPECT_EQ(single->looks[0].ranks.lower, 11u);
  const auto rerun = look_rule(0.5, 0.95, 30, 0, 2);
  ASSERT_TRUE(rerun);
  EXPECT_EQ(rerun->looks[0].ranks.lower, 10u);
}

TEST(LookRule, RefusesABoundThatDoesNotExistAndAnExtremeThatIsExtended) {
  EXPECT_TRUE(look_rule(0.05, 0.95, 59, 0));
  EXPECT_FALSE(look_rule(0.05, 0.95, 71, 71));
  EXPECT_TRUE(look_rule(0.05, 0.95, 72, 1));
  EXPECT_TRUE(look_rule(0, 0.95, 30, 0));
  EXPECT_FALSE(look_rule(0, 0.95, 30, 30));
  EXPECT_FALSE(look_rule(1, 0.95, 30, 30));
  EXPECT_FALSE(look_rule(0.5, 0.95, 30, 30, 1));  // two looks on one look's error
  EXPECT_FALSE(look_rule(0.5, 0.95, 0, 30));
  EXPECT_FALSE(look_rule(kNan, 0.95, 30, 0));
  EXPECT_FALSE(look_rule(0.5, kNan, 30, 0));
}

TEST(Decide, HoldsBothBoundsAgainstEveryBar) {
  const Bounds at{10, 20, 15, 0.95, 0.95};
  EXPECT_EQ(decide(at, {10, {}}), Decision::kPass);
  EXPECT_EQ(decide(at, {std::nextafter(10.0, 11.0), {}}), Decision::kUndecided);
  EXPECT_EQ(decide(at, {20, {}}), Decision::kUndecided);
  EXPECT_EQ(decide(at, {std::nextafter(20.0, 21.0), {}}), Decision::kFail);
  EXPECT_EQ(decide(at, {{}, 20}), Decision::kPass);
  EXPECT_EQ(decide(at, {{}, 19}), Decision::kUndecided);
  EXPECT_EQ(decide(at, {{}, 10}), Decision::kUndecided);
  EXPECT_EQ(decide(at, {{}, 9}), Decision::kFail);
  EXPECT_EQ(decide(at, {10, 20}), Decision::kPass);
  EXPECT_EQ(decide(at, {12, 18}), Decision::kUndecided);  // both outside, on two sides
  EXPECT_EQ(decide(at, {5, 9}), Decision::kFail);
  EXPECT_EQ(decide(at, {21, 30}), Decision::kFail);
  EXPECT_EQ(decide(at, {5, 15}), Decision::kUndecided);
}

TEST(Decide, PassesNothingWithoutABar) {
  EXPECT_EQ(decide({10, 20, 15, 0.95, 0.95}, {}), Decision::kUndecided);
  EXPECT_EQ(decide({10, 20, 15, 0.95, 0.95}, {kNan, {}}), Decision::kUndecided);
  EXPECT_EQ(decide({10, 20, 15, 0.95, 0.95}, {{}, kNan}), Decision::kUndecided);
  EXPECT_EQ(decide({10, 20, 15, 0.95, 0.95}, {5, kNan}), Decision::kUndecided);
}

Samples blocks(std::size_t under, std::size_t n) {
  Samples x(n, 11.0);
  std::fill_n(x.begin(), under, 9.0);
  return x;
}
Samples pooled(std::size_t under_first, std::size_t under_more) {
  Samples x = blocks(under_first, 30);
  const Samples more = blocks(under_more, 30);
  x.insert(x.end(), more.begin(), more.end());
  return x;
}

TEST(Look, DecidesAtTheFirstLookOrAsksForTheExtension) {
  const LookRule rule = *look_rule(0.5, 0.95, 30, 30);
  const Bar bar{10, {}};
  EXPECT_EQ(look(rule, blocks(9, 30), bar)->decision, Decision::kPass);
  EXPECT_FALSE(look(rule, blocks(9, 30), bar)->extend);
  EXPECT_EQ(look(rule, blocks(21, 30), bar)->decision, Decision::kFail);
  for (const std::size_t under : {10u, 20u}) {
    const auto found = look(rule, blocks(under, 30), bar);
    EXPECT_EQ(found->decision, Decision::kUndecided);
    EXPECT_TRUE(found->extend);
    EXPECT_EQ(found->look, 1u);
  }
}

TEST(Look, PoolsAllBlocksAtTheSecondLook) {
  const LookRule rule = *look_rule(0.5, 0.95, 30, 30);
  const Bar bar{10, {}};
  EXPECT_EQ(look(rule, pooled(15, 6), bar)->decision, Decision::kPass);  // 21 of 60
  EXPECT_EQ(look(rule, pooled(15, 6), bar)->look, 2u);
  EXPECT_EQ(look(rule, pooled(15, 7), bar)->decision, Decision::kUndecided);
  EXPECT_FALSE(look(rule, pooled(15, 7), bar)->extend);                   // there is no third look
  EXPECT_EQ(look(rule, pooled(15, 24), bar)->decision, Decision::kFail);  // 39
  EXPECT_EQ(look(rule, pooled(15, 23), bar)->decision, Decision::kUndecided);
}

// Another clause of the same trial asked for the extension: what this one had decided stands.
TEST(Look, LetsTheFirstDecisionStandWhateverFollows) {
  const LookRule rule = *look_rule(0.5, 0.95, 30, 30);
  const auto passed = look(rule, pooled(9, 30), {10, {}});
  EXPECT_EQ(passed->decision, Decision::kPass);
  EXPECT_EQ(passed->look, 1u);
  EXPECT_EQ(look(rule, pooled(21, 0), {10, {}})->decision, Decision::kFail);
}

TEST(LookEdges, RefuseAnyOtherNumberOfBlocksAndWhatIsNoNumber) {
  const LookRule rule = *look_rule(0.5, 0.95, 30, 30);
  for (const std::size_t n : {0u, 1u, 2u, 29u, 31u, 59u, 61u}) EXPECT_FALSE(look(rule, blocks(0, n), {10, {}})) << n;
  for (const double odd : {kNan, kInf, -kInf}) {
    Samples x = blocks(0, 30);
    x[7] = odd;
    EXPECT_FALSE(look(rule, x, {10, {}}));
  }
  EXPECT_FALSE(look(LookRule{}, blocks(0, 30), {10, {}}));
  const auto equal = look(rule, Samples(30, 10.0), {10, {}});
  EXPECT_EQ(equal->decision, Decision::kPass);
  EXPECT_EQ(look(*look_rule(0, 0.95, 1, 0), Samples{0}, {1, {}})->decision, Decision::kFail);
}

// One look is the binomial tails themselves.
TEST(LookRates, OfOneLookAreTheLevelsOfItsRanks) {
  for (const double q : {0.5, 0.05, 0.95}) {
    const LookRule rule = *look_rule(q, 0.95, 60, 0);
    const BoundRanks& ranks = rule.looks[0].ranks;
    const LookRates low = *rates_at_the_bar(rule, true), high = *rates_at_the_bar(rule, false);
    EXPECT_NEAR(low.pass, 1 - ranks.lower_level, 1e-14) << q;
    EXPECT_NEAR(low.fail, 1 - ranks.upper_level, 1e-14) << q;
    EXPECT_NEAR(high.pass, 1 - ranks.upper_level, 1e-14) << q;
    EXPECT_NEAR(high.fail, 1 - ranks.lower_level, 1e-14) << q;
    EXPECT_EQ(low.extended, 0);
  }
}

// Every pair of counts, decided by the rule itself on samples made for it, weighed with its binomial probability.
TEST(LookRates, AreTheSumOverAllPairsOfCounts) {
  const LookRule rule = *look_rule(0.5, 0.9, 12, 9);
  for (const bool at_least : {true, false}) {
    const Bar bar = at_least ? Bar{10, {}} : Bar{{}, 10};
    for (const double beyond : {0.1, 0.5, 0.62, 0.9}) {
      const auto mass = [&](std::size_t n, std::size_t k) {
        return binomial_upper_tail(n, beyond, k) - binomial_upper_tail(n, beyond, k + 1);
      };
      LookRates wanted;
      for (std::size_t i = 0; i <= 12; ++i) {
        for (std::size_t j = 0; j <= 9; ++j) {
          Samples x(21, at_least ? 11 : 9);
          std::fill_n(x.begin(), i, at_least ? 9 : 11);
          std::fill_n(x.begin() + 12, j, at_least ? 9 : 11);
          const auto found = look(rule, x, bar);
          ASSERT_TRUE(found);
          const double weight = mass(12, i) * mass(9, j);
          wanted.pass += found->decision == Decision::kPass ? weight : 0;
          wanted.fail += found->decision == Decision::kFail ? weight : 0;
          wanted.undecided += found->decision == Decision::kUndecided ? weight : 0;
          wanted.extended += found->look == 2 ? weight : 0;
        }
      }
      const LookRates found = *look_rates(rule, beyond, at_least);
      EXPECT_NEAR(found.pass, wanted.pass, 1e-13) << beyond;
      EXPECT_NEAR(found.fail, wanted.fail, 1e-13) << beyond;
      EXPECT_NEAR(found.undecided, wanted.undecided, 1e-13) << beyond;
      EXPECT_NEAR(found.extended, wanted.extended, 1e-13) << beyond;
    }
  }
}

TEST(LookRates, HoldTheLevelOfTheWholeRuleForEveryPlan) {
  for (const double q : {0.5, 0.05, 0.95, 0.2}) {
    for (const double confidence : {0.9, 0.95, 0.99}) {
      for (std::size_t n = 10; n <= 120; n += 5) {
        for (const std::size_t extension : {0u, 1u, 30u, 60u}) {
          const auto rule = look_rule(q, confidence, n, extension);
          if (!rule) continue;
          for (const bool at_least : {true, false}) {
            const LookRates rates = *rates_at_the_bar(*rule, at_least);
            EXPECT_LE(rates.pass, 1 - confidence + 1e-15) << q << " " << n << "+" << extension;
            EXPECT_LE(rates.fail, 1 - confidence + 1e-15) << q << " " << n << "+" << extension;
            EXPECT_NEAR(rates.pass + rates.fail + rates.undecided, 1, 1e-14);
          }
        }
      }
    }
  }
}

TEST(LookRates, RiseAndFallWithTheShareBeyondTheBar) {
  const LookRule rule = *look_rule(0.5, 0.95, 30, 30);
  for (int i = 1; i <= 100; ++i) {
    const LookRates better = *look_rates(rule, (i - 1) / 100.0, true), worse = *look_rates(rule, i / 100.0, true);
    EXPECT_LE(worse.pass, better.pass);
    EXPECT_GE(worse.fail, better.fail);
  }
  EXPECT_EQ(look_rates(rule, 0, true)->pass, 1);
  EXPECT_EQ(look_rates(rule, 1, true)->fail, 1);
}

TEST(LookRatesEdges, DoNotExistOfExtremesOrOfNoProbability) {
  EXPECT_FALSE(look_rates(*look_rule(0, 0.95, 30, 0), 0.5, true));
  EXPECT_FALSE(rates_at_the_bar(*look_rule(1, 0.95, 30, 0), true));
  EXPECT_FALSE(look_rates(LookRule{}, 0.5, true));
  for (const double odd : {-0.1, 1.1, kNan}) EXPECT_FALSE(look_rates(*look_rule(0.5, 0.95, 30, 0), odd, true)) << odd;
}

}  // namespace
}  // namespace geomsu::stats
