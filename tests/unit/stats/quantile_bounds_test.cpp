// Bounds of any quantile, against printed tables and against Boost's binomial distribution.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <gtest/gtest.h>

#include "harness/stats/order.hpp"

namespace geomsu::stats {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// First-order sample sizes of one-sided distribution-free limits, Wilks (1941), as Conover (3rd ed.) table A6 and Hahn
// & Meeker (1991) print them: rows by share covered, columns at 90, 95 and 99 %.
TEST(SmallestN, IsThePrintedTableOfDistributionFreeLimits) {
  const std::vector<std::pair<double, std::vector<std::size_t>>> table{
      {0.50, {4, 5, 7}},    {0.75, {9, 11, 17}},     {0.80, {11, 14, 21}},       {0.90, {22, 29, 44}},
      {0.95, {45, 59, 90}}, {0.99, {230, 299, 459}}, {0.999, {2302, 2995, 4603}}};
  for (const auto& [q, wanted] : table) {
    EXPECT_EQ(smallest_n(q, 0.90), wanted[0]) << q;
    EXPECT_EQ(smallest_n(q, 0.95), wanted[1]) << q;
    EXPECT_EQ(smallest_n(q, 0.99), wanted[2]) << q;
    EXPECT_EQ(smallest_n(1 - q, 0.95), wanted[1]) << 1 - q;
  }
}

// Where the second, third ... largest of n first bounds the 95th percentile at 95 %: the sample sizes of higher-order
// Wilks limits as the safety analyses of reactors use them.
TEST(BoundRanks, OfThe95thPercentileStepAtTheSizesOfWilks) {
  const std::vector<std::size_t> sizes{59, 93, 124, 153, 181, 208, 234, 260, 286, 311};
  for (std::size_t order = 1; order <= sizes.size(); ++order) {
    const std::size_t n = sizes[order - 1];
    EXPECT_EQ(bound_ranks(0.95, n, 0.95)->upper, n + 1 - order) << n;
    const auto fewer = bound_ranks(0.95, n - 1, 0.95);
    ASSERT_EQ(fewer.has_value(), order > 1) << n;
    if (fewer) {
      EXPECT_EQ(fewer->upper, n + 1 - order) << n - 1;  // one order less far in
    }
  }
}

TEST(BoundRanks, ReachTheirConfidenceByBoostsReckoningAndAreTight) {
  using boost::math::cdf;
  using boost::math::complement;
  constexpr double kRounding = 1e-13;
  for (const double q : {0.01, 0.05, 0.1, 0.25, 0.3333, 0.5, 0.8, 0.9, 0.99}) {
    for (const double confidence : {0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999}) {
      for (std::size_t n = 1; n <= 400; n += 1 + n / 20) {
        const boost::math::binomial x(static_cast<double>(n), q);
        // P(X >= r) and P(X <= s - 1).
        const auto lower_level = [&](std::size_t r) { return cdf(complement(x, static_cast<double>(r) - 1)); };
        const auto upper_level = [&](std::size_t s) { return cdf(x, static_cast<double>(s) - 1); };
        const auto found = bound_ranks(q, n, confidence);
        const bool exists = lower_level(1) >= confidence && upper_level(n) >= confidence;
        ASSERT_EQ(found.has_value(), exists) << q << " " << n << " " << confidence;
        if (!found) continue;
        EXPECT_GE(found->lower_level, confidence);
        EXPECT_GE(found->upper_level, confidence);
        EXPECT_NEAR(found->lower_level, lower_level(found->lower), kRounding) << q << " " << n;
        EXPECT_NEAR(found->upper_level, upper_level(found->upper), kRounding) << q << " " << n;
        if (found->lower < n) {
          EXPECT_LT(lower_level(found->lower + 1), confidence) << q << " " << n;
        }
        if (found->upper > 1) {
          EXPECT_LT(upper_level(found->upper - 1), confidence) << q << " " << n;
        }
        EXPECT_LE(found->lower, found->upper) << q << " " << n;
      }
    }
  }
}

TEST(BoundRanks, OfAStatisticAreThoseOfItsQuantile) {
  for (const Statistic statistic :
       {Statistic::kMedian, Statistic::kP05, Statistic::kP95, Statistic::kMin, Statistic::kMax}) {
    const auto named = bound_ranks(statistic, 72, 0.95), plain = bound_ranks(quantile_of(statistic), 72, 0.95);
    ASSERT_TRUE(named && plain);
    EXPECT_EQ(named->lower, plain->lower);
    EXPECT_EQ(named->upper, plain->upper);
    EXPECT_EQ(smallest_n(statistic, 0.95), smallest_n(quantile_of(statistic), 0.95));
  }
}

TEST(BoundRanksEdges, RefuseAQuantileThatIsNone) {
  for (const double odd : {-0.1, 1.1, kNan, std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(bound_ranks(odd, 60, 0.95)) << odd;
    EXPECT_EQ(smallest_n(odd, 0.95), 0u) << odd;
    EXPECT_FALSE(bounds(odd, std::vector<double>(60, 1), 0.95)) << odd;
  }
  EXPECT_EQ(smallest_n(0.0, 0.95), 1u);
  EXPECT_EQ(smallest_n(1.0, 0.95), 1u);
  EXPECT_EQ(smallest_n(1e-3, 0.95), 2995u);
  EXPECT_EQ(smallest_n(1e-9, 0.95), 2995732273u);
  EXPECT_EQ(smallest_n(1e-300, 0.95), 0u);  // no n would do in anybody's life
}

TEST(Bounds, WithTheRanksAtHandAreTheSame) {
  std::mt19937_64 random(16);
  std::vector<double> x;
  for (int i = 0; i < 72; ++i) x.push_back(static_cast<double>(random() % 100));
  for (const double q : {0.05, 0.25, 0.5, 0.95}) {
    const auto ranks = bound_ranks(q, 72, 0.95);
    const auto direct = bounds(q, x, 0.95), reused = bounds(q, x, *ranks);
    ASSERT_TRUE(direct && reused);
    EXPECT_EQ(direct->lower, reused->lower);
    EXPECT_EQ(direct->upper, reused->upper);
    EXPECT_EQ(direct->estimate, reused->estimate);
    EXPECT_EQ(direct->lower_level, reused->lower_level);
    EXPECT_EQ(direct->estimate, quantile(x, q));
  }
  EXPECT_FALSE(bounds(0.5, x, BoundRanks{}));
  EXPECT_FALSE(bounds(0.5, x, BoundRanks{1, 73, 1, 1}));
  EXPECT_FALSE(bounds(0.5, x, BoundRanks{5, 4, 1, 1}));
}

// Moving all samples moves the bounds; turning them over swaps the bounds and the quantile.
TEST(Bounds, MoveAndTurnOverWithTheirSamples) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> x, moved, turned;
    for (int i = 0; i < 75; ++i) x.push_back(static_cast<double>(random() % 512));
    for (const double value : x) moved.push_back(value + 4096);
    for (const double value : x) turned.push_back(-value);
    for (const double q : {0.0625, 0.5, 0.875}) {
      const auto one = bounds(q, x, 0.95), shifted = bounds(q, moved, 0.95), over = bounds(1 - q, turned, 0.95);
      ASSERT_TRUE(one && shifted && over);
      EXPECT_EQ(shifted->lower, one->lower + 4096);
      EXPECT_EQ(shifted->upper, one->upper + 4096);
      EXPECT_EQ(over->lower, -one->upper);
      EXPECT_EQ(over->upper, -one->lower);
      EXPECT_NEAR(over->estimate, -one->estimate, 1e-9);
    }
  }
}

}  // namespace
}  // namespace geomsu::stats
