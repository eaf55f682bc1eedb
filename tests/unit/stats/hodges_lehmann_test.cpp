#include "harness/stats/hodges_lehmann.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/stats/mann_whitney.hpp"

namespace geomsu::stats {
namespace {

using Samples = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

Samples exp_of(Samples x) {
  for (double& value : x) value = std::exp(value);
  return x;
}

// Permeability of the human chorioamnion, Hollander & Wolfe (1973), p. 69, an example of R's wilcox.test: the shift at
// term over earlier is 0.305, its interval -0.15 to 0.76 (W = 9 of 50: exact level 96.0 %). A ratio of exponentials is
// the exponential of a shift.
TEST(HodgesLehmann, IsThatOfHollanderAndWolfesExample) {
  const Samples term = exp_of({0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46});
  const Samples early = exp_of({1.15, 0.88, 0.90, 0.74, 1.21});
  const auto found = hodges_lehmann(term, early, 0.95);
  ASSERT_TRUE(found);
  EXPECT_NEAR(std::log(found->ratio), 0.305, 1e-12);
  EXPECT_NEAR(std::log(found->lower), -0.15, 1e-12);
  EXPECT_NEAR(std::log(found->upper), 0.76, 1e-12);
  EXPECT_NEAR(found->level, 1 - 2 * mann_whitney_tail(10, 5, 8), 1e-15);
  EXPECT_GE(found->level, 0.95);
  EXPECT_TRUE(found->exact);
}

TEST(HodgesLehmann, IsTheOrderStatisticsOfAllRatios) {
  std::mt19937_64 random(8);
  for (const std::size_t m : {4u, 7u, 30u, 60u}) {
    for (const std::size_t n : {4u, 9u, 61u}) {
      Samples a, b, ratios;
      for (std::size_t i = 0; i < m; ++i) a.push_back(1 + static_cast<double>(random() % 50));
      for (std::size_t j = 0; j < n; ++j) b.push_back(1 + static_cast<double>(random() % 50));
      for (const double x : a) {
        for (const double y : b) ratios.push_back(x / y);
      }
      std::sort(ratios.begin(), ratios.end());
      const auto found = hodges_lehmann(a, b, 0.9);
      const auto rank = mann_whitney_rank(m, n, 0.95);
      ASSERT_TRUE(found && rank);
      EXPECT_EQ(found->lower, ratios[rank->rank - 1]);
      EXPECT_EQ(found->upper, ratios[m * n - rank->rank]);
      const double low = ratios[(m * n - 1) / 2], high = ratios[m * n / 2];
      EXPECT_DOUBLE_EQ(found->ratio, std::sqrt(low * high));
      EXPECT_EQ(found->exact, m <= 50 && n <= 50);
    }
  }
}

TEST(HodgesLehmann, ScalesAndTurnsOver) {
  std::mt19937_64 random(9);
  Samples a, b, four;
  for (int i = 0; i < 20; ++i) a.push_back(100 + static_cast<double>(random() % 1000));
  for (int j = 0; j < 15; ++j) b.push_back(100 + static_cast<double>(random() % 1000));
  for (const double x : a) four.push_back(4 * x);
  const auto one = hodges_lehmann(a, b, 0.95), scaled = hodges_lehmann(four, b, 0.95),
             over = hodges_lehmann(b, a, 0.95);
  ASSERT_TRUE(one && scaled && over);
  EXPECT_EQ(scaled->lower, 4 * one->lower);
  EXPECT_EQ(scaled->upper, 4 * one->upper);
  EXPECT_DOUBLE_EQ(scaled->ratio, 4 * one->ratio);
  EXPECT_DOUBLE_EQ(over->ratio, 1 / one->ratio);
  EXPECT_DOUBLE_EQ(over->lower, 1 / one->upper);
  EXPECT_DOUBLE_EQ(over->upper, 1 / one->lower);
  std::shuffle(a.begin(), a.end(), random);
  EXPECT_EQ(hodges_lehmann(a, b, 0.95)->ratio, one->ratio);
}

TEST(HodgesLehmann, NeverFallsWhenASampleRises) {
  std::mt19937_64 random(10);
  for (int round = 0; round < 200; ++round) {
    Samples a, b;
    for (int i = 0; i < 8; ++i) a.push_back(1 + static_cast<double>(random() % 9));
    for (int j = 0; j < 6; ++j) b.push_back(1 + static_cast<double>(random() % 9));
    Samples better = a;
    better[random() % a.size()] += 1 + static_cast<double>(random() % 5);
    const auto before = hodges_lehmann(a, b, 0.9), after = hodges_lehmann(better, b, 0.9);
    ASSERT_TRUE(before && after);
    EXPECT_GE(after->lower, before->lower);
    EXPECT_GE(after->upper, before->upper);
    EXPECT_GE(after->ratio, before->ratio * (1 - 1e-15));
  }
}

TEST(HodgesLehmannEdges, RefuseTooFewAndWhatIsNoRatio) {
  const Samples four{1, 2, 3, 4}, three{1, 2, 3};
  EXPECT_TRUE(hodges_lehmann(four, four, 0.95));
  EXPECT_FALSE(hodges_lehmann(three, three, 0.95));
  EXPECT_FALSE(hodges_lehmann({}, four, 0.95));
  EXPECT_FALSE(hodges_lehmann(four, {}, 0.95));
  EXPECT_FALSE(hodges_lehmann(Samples{1}, Samples{1}, 0.95));
  EXPECT_FALSE(hodges_lehmann(Samples{1, 2}, Samples{1, 2}, 0.95));
  for (const double odd : {0.0, -1.0, kNan, kInf}) {
    EXPECT_FALSE(hodges_lehmann(Samples{1, 2, 3, odd}, four, 0.95)) << odd;
    EXPECT_FALSE(hodges_lehmann(four, Samples{1, 2, 3, odd}, 0.95)) << odd;
  }
  for (const double odd : {1.0, -0.1, kNan}) EXPECT_FALSE(hodges_lehmann(four, four, odd)) << odd;
  const double least = std::numeric_limits<double>::denorm_min(), most = std::numeric_limits<double>::max();
  EXPECT_FALSE(hodges_lehmann(Samples(4, most), Samples(4, least), 0.95));  // the ratio is no number
}

TEST(HodgesLehmannEdges, OfEqualSamplesIsOne) {
  const auto found = hodges_lehmann(Samples(10, 0.1), Samples(12, 0.1), 0.95);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ratio, 1);
  EXPECT_EQ(found->lower, 1);
  EXPECT_EQ(found->upper, 1);
}

}  // namespace
}  // namespace geomsu::stats
