#include "harness/stats/tail.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/stats/looks.hpp"

namespace geomsu::stats {
namespace {

using Samples = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// The sign test: of 30 blocks 20 under the bar, P(Binomial(30, 1/2) >= 20) = 53009102 / 2^30.
TEST(FailProbability, IsTheSignTests) {
  Samples x(10, 101.0);
  x.resize(30, 99.0);
  EXPECT_DOUBLE_EQ(fail_probability(Statistic::kMedian, x, 100, true), 53009102.0 / 1073741824.0);
  // The other way the same samples say nothing: 10 of 30 over the bar; P(>= 10) = 1 - P(<= 9) = 1 - 22964087 / 2^30.
  EXPECT_DOUBLE_EQ(fail_probability(Statistic::kMedian, x, 100, false), 1 - 22964087.0 / 1073741824.0);
}

// Two of 59 under the bar of a fifth percentile are no news: 1 - 0.95^59 - 59 * 0.05 * 0.95^58.
TEST(FailProbability, OfAFifthPercentileCountsOnlyWhatIsBeyond) {
  Samples x(57, 10.0);
  x.resize(59, 1.0);
  const double wanted = 1 - std::pow(0.95, 59) - 59 * 0.05 * std::pow(0.95, 58);
  EXPECT_NEAR(fail_probability(Statistic::kP05, x, 5, true), wanted, 1e-14);
  // And of "p95 at most": two over the bar.
  for (double& value : x) value = -value;
  EXPECT_NEAR(fail_probability(Statistic::kP95, x, -5, false), wanted, 1e-14);
}

TEST(FailProbability, CountsASampleOnTheBarAsMeetingIt) {
  EXPECT_EQ(fail_probability(Statistic::kMedian, Samples(30, 5.0), 5, true), 1);
  EXPECT_EQ(fail_probability(Statistic::kMedian, Samples(30, 5.0), 5, false), 1);
  EXPECT_EQ(fail_probability(Statistic::kMedian, Samples(30, 5.0), std::nextafter(5.0, 6.0), true), std::ldexp(1, -30));
}

// One rule, said in two ways: the bounds lie beyond the bar exactly where p is at most the error of a look.
TEST(FailProbability, IsSmallExactlyWhereTheBoundsSayFail) {
  std::mt19937_64 random(6);
  for (const Statistic statistic : {Statistic::kMedian, Statistic::kP05, Statistic::kP95}) {
    for (const std::size_t n : {59u, 60u, 72u, 128u}) {
      for (const double confidence : {0.8, 0.9, 0.95}) {
        int fails = 0;
        for (std::size_t bar = 0; bar <= n; ++bar) {
          Samples x;
          for (std::size_t i = 0; i < n; ++i) x.push_back(static_cast<double>(i));
          std::shuffle(x.begin(), x.end(), random);
          const auto found = bounds(statistic, x, confidence);
          ASSERT_TRUE(found);
          const double at = static_cast<double>(bar) - 0.5;
          for (const bool at_least : {true, false}) {
            const Bar held{at_least ? std::optional(at) : std::nullopt, at_least ? std::nullopt : std::optional(at)};
            const bool fail = decide(*found, held) == Decision::kFail;
            EXPECT_EQ(fail, fail_probability(statistic, x, at, at_least) <= 1 - confidence)
                << to_string(statistic) << " " << n << " " << at << " " << at_least;
            fails += fail ? 1 : 0;
          }
        }
        EXPECT_GT(fails, 10);
      }
    }
  }
}

TEST(FailProbability, OnlyFallsWithWorseSamplesAndKnowsNoOrder) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    Samples x;
    for (std::size_t i = 0; i < 30; ++i) x.push_back(static_cast<double>(random() % 20));
    Samples worse = x;
    worse[random() % 30] -= static_cast<double>(random() % 10);
    const double p = fail_probability(Statistic::kMedian, x, 10, true);
    EXPECT_LE(fail_probability(Statistic::kMedian, worse, 10, true), p);
    std::shuffle(x.begin(), x.end(), random);
    EXPECT_EQ(fail_probability(Statistic::kMedian, x, 10, true), p);
    for (double& value : x) value = 4 * value + 8;
    EXPECT_EQ(fail_probability(Statistic::kMedian, x, 48, true), p);
  }
}

TEST(FailProbabilityEdges, DoesNotExistOfNothingOfAnExtremeOrOfWhatIsNoNumber) {
  EXPECT_TRUE(std::isnan(fail_probability(Statistic::kMedian, Samples{}, 1, true)));
  EXPECT_EQ(fail_probability(Statistic::kMedian, Samples{0}, 1, true), 0.5);
  EXPECT_EQ(fail_probability(Statistic::kMedian, Samples{0, 0}, 1, true), 0.25);
  for (const Statistic extreme : {Statistic::kMin, Statistic::kMax})
    EXPECT_TRUE(std::isnan(fail_probability(extreme, Samples(30, 1.0), 2, true)));
  for (const double odd : {kNan, kInf, -kInf}) {
    EXPECT_TRUE(std::isnan(fail_probability(Statistic::kMedian, Samples{1, odd, 1}, 2, true))) << odd;
  }
  EXPECT_TRUE(std::isnan(fail_probability(Statistic::kMedian, Samples{1, 1}, kNan, true)));
  EXPECT_TRUE(std::isnan(fail_probability(Statistic::kMedian, 3, 4, true)));
}

}  // namespace
}  // namespace geomsu::stats
