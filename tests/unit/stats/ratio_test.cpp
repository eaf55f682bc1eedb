#include "harness/stats/ratio.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/stats/order.hpp"

namespace geomsu::stats {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(PairedRatio, IsTheMedianOfTheRatiosAndNotTheRatioOfTheMedians) {
  const std::vector<double> a{2, 20, 200, 2000, 20000, 3}, b{1, 10, 100, 1000, 10000, 1};
  const auto found = paired_ratio(a, b, 0.95);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ratio, 2);
  EXPECT_EQ(found->lower, 2);
  EXPECT_EQ(found->upper, 3);
  EXPECT_EQ(found->pairs, 6u);
}

TEST(PairedRatio, WantsAsManyPairsAsItsTwoSidedIntervalNeeds) {
  for (std::size_t n = 0; n < 6; ++n) {
    EXPECT_FALSE(paired_ratio(std::vector<double>(n, 2), std::vector<double>(n, 1), 0.95)) << n;
  }
  EXPECT_TRUE(paired_ratio(std::vector<double>(6, 2), std::vector<double>(6, 1), 0.95));
}

TEST(PairedRatio, TakesTheOrderStatisticsOfHalfTheErrorOnEachSide) {
  std::vector<double> a, b(30, 1.0);
  for (int i = 1; i <= 30; ++i) a.push_back(i);
  const auto found = paired_ratio(a, b, 0.95);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->lower, 10);
  EXPECT_EQ(found->upper, 21);
  EXPECT_EQ(found->ratio, 15.5);
}

TEST(PairedRatio, CancelsADriftThatBothSidesShare) {
  std::mt19937_64 random(3);
  std::vector<double> a, b;
  for (int i = 0; i < 40; ++i) {
    const double drift = 1 + i;
    const double noise = 1 + static_cast<double>(random() % 1000) * 1e-6;
    a.push_back(1.5 * drift * noise);
    b.push_back(drift);
  }
  const auto found = paired_ratio(a, b, 0.95);
  ASSERT_TRUE(found);
  EXPECT_GE(found->lower, 1.5);
  EXPECT_LE(found->upper, 1.5 * 1.001);
}

TEST(PairedRatioEdges, RefuseWhatIsNoPairing) {
  const std::vector<double> six(6, 1.0);
  EXPECT_FALSE(paired_ratio(six, std::vector<double>(7, 1.0), 0.95));
  for (const double odd : {0.0, kNan}) {
    std::vector<double> b = six;
    b[3] = odd;
    EXPECT_FALSE(paired_ratio(six, b, 0.95)) << odd;
  }
  std::vector<double> a = six;
  a[0] = kInf;
  EXPECT_FALSE(paired_ratio(a, six, 0.95));
  for (const double confidence : {0.0, 1.0, -0.5, kNan}) EXPECT_FALSE(paired_ratio(six, six, confidence));
}

}  // namespace
}  // namespace geomsu::stats
