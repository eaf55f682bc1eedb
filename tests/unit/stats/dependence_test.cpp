#include "harness/stats/dependence.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

using Samples = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Upper points of the chi-square distribution as tables print them (NIST/SEMATECH e-Handbook, 1.3.6.7.4).
TEST(ChiSquareTail, IsThatOfThePrintedTable) {
  EXPECT_NEAR(chi_square_tail(3.841, 1), 0.05, 2e-5);
  EXPECT_NEAR(chi_square_tail(6.635, 1), 0.01, 2e-5);
  EXPECT_NEAR(chi_square_tail(5.991, 2), 0.05, 2e-5);
  EXPECT_NEAR(chi_square_tail(9.210, 2), 0.01, 2e-5);
  EXPECT_NEAR(chi_square_tail(7.815, 3), 0.05, 2e-5);
  EXPECT_NEAR(chi_square_tail(11.345, 3), 0.01, 2e-5);
  EXPECT_NEAR(chi_square_tail(16.812, 6), 0.01, 2e-5);
  EXPECT_NEAR(chi_square_tail(18.307, 10), 0.05, 2e-5);
  EXPECT_NEAR(chi_square_tail(30.578, 15), 0.01, 2e-5);
  EXPECT_NEAR(chi_square_tail(124.342, 100), 0.05, 2e-5);
}

TEST(ChiSquareTail, AtItsEdges) {
  EXPECT_EQ(chi_square_tail(0, 3), 1);
  EXPECT_EQ(chi_square_tail(-1, 3), 1);
  EXPECT_TRUE(std::isnan(chi_square_tail(1, 0)));
  EXPECT_TRUE(std::isnan(chi_square_tail(kNan, 2)));
  EXPECT_EQ(chi_square_tail(1e6, 2), 0);
}

// The two examples of scipy.stats.kruskal's documentation.
TEST(KruskalWallis, IsThatOfScipysExamples) {
  const std::vector<Samples> two{{1, 3, 5, 7, 9}, {2, 4, 6, 8, 10}};
  const auto a = kruskal_wallis(two);
  ASSERT_TRUE(a);
  EXPECT_NEAR(a->h, 0.2727272727272734, 1e-12);
  EXPECT_NEAR(a->p, 0.6015081344405895, 1e-12);
  const std::vector<Samples> ties{{1, 1, 1}, {2, 2, 2}, {2, 2}};
  const auto b = kruskal_wallis(ties);
  ASSERT_TRUE(b);
  EXPECT_NEAR(b->h, 7.0, 1e-12);
  EXPECT_NEAR(b->p, 0.0301973834223185, 1e-12);
}

// Hollander & Wolfe (1973), p. 116: mucociliary efficiency, the example of R's kruskal.test (H = 0.77143, p = 0.68).
TEST(KruskalWallis, IsThatOfHollanderAndWolfesExample) {
  const auto found =
      kruskal_wallis(std::vector<Samples>{{2.9, 3.0, 2.5, 2.6, 3.2}, {3.8, 2.7, 4.0, 2.4}, {2.8, 3.4, 3.7, 2.2, 2.0}});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->h, 0.77143, 5e-6);
  EXPECT_NEAR(found->p, 0.68, 5e-3);
}

// R: kruskal.test(weight ~ group, PlantGrowth), H = 7.9882, p = 0.01842; kruskal.test(count ~ spray, InsectSprays),
// many ties: H = 54.691, p = 1.511e-10.
TEST(KruskalWallis, IsThatOfRsDataSets) {
  const auto plants =
      kruskal_wallis(std::vector<Samples>{{4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14},
                                          {4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69},
                                          {6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26}});
  ASSERT_TRUE(plants);
  EXPECT_NEAR(plants->h, 7.9882, 5e-5);
  EXPECT_NEAR(plants->p, 0.01842, 5e-6);
  const auto sprays = kruskal_wallis(std::vector<Samples>{{10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13},
                                                          {11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13},
                                                          {0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4},
                                                          {3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4},
                                                          {3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4},
                                                          {11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13}});
  ASSERT_TRUE(sprays);
  EXPECT_NEAR(sprays->h, 54.691, 5e-4);
  EXPECT_NEAR(sprays->p, 1.511e-10, 5e-14);
}

TEST(KruskalWallis, KnowsNoOrderNoUnitAndNoMonotoneScale) {
  std::mt19937_64 random(18);
  for (int round = 0; round < 50; ++round) {
    std::vector<Samples> groups(3), turned;
    for (Samples& group : groups) {
      for (int i = 0; i < 10; ++i) group.push_back(static_cast<double>(random() % 30));
    }
    for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
      turned.emplace_back();
      for (auto x = group->rbegin(); x != group->rend(); ++x) turned.back().push_back(std::exp(*x / 8) + 5);
    }
    EXPECT_NEAR(kruskal_wallis(turned)->h, kruskal_wallis(groups)->h, 1e-12);
  }
}

TEST(KruskalWallis, DoesNotExistWhereNothingCanBeCompared) {
  EXPECT_FALSE(kruskal_wallis({}));
  EXPECT_FALSE(kruskal_wallis(std::vector<Samples>{{1, 2, 3}}));
  EXPECT_FALSE(kruskal_wallis(std::vector<Samples>{{1, 2}, {}}));
  EXPECT_FALSE(kruskal_wallis(std::vector<Samples>{{5, 5}, {5, 5}}));
  EXPECT_FALSE(kruskal_wallis(std::vector<Samples>{{1, 2}, {kNan, 2}}));
}

TEST(KruskalWallis, OfGroupsThatAreOrderedAlikeIsNothingAndOfShiftedOnesIsSure) {
  const auto same = kruskal_wallis(std::vector<Samples>{{1, 6, 7, 12}, {2, 5, 8, 11}, {3, 4, 9, 10}});
  ASSERT_TRUE(same);
  EXPECT_NEAR(same->h, 0, 1e-12);
  EXPECT_NEAR(same->p, 1, 1e-12);
  std::vector<Samples> shifted(3);
  for (int i = 0; i < 10; ++i) {
    shifted[0].push_back(100 + i);
    shifted[1].push_back(200 + i);
    shifted[2].push_back(300 + i);
  }
  EXPECT_LT(kruskal_wallis(shifted)->p, 1e-5);
}

// By hand: m = 3, sum of squares 10; -2*-1 + -1*0 + 0*1 + 1*2 = 4.
TEST(Lag1, IsTheTextbooks) {
  EXPECT_NEAR(*lag1_autocorrelation(Samples{1, 2, 3, 4, 5}), 0.4, 1e-15);
  EXPECT_NEAR(*lag1_autocorrelation(Samples{1, -1, 1, -1}), -0.75, 1e-15);
  EXPECT_NEAR(*lag1_autocorrelation(Samples{0, 0, 0, 3}), (2 * 0.75 * 0.75 - 0.75 * 2.25) / 6.75, 1e-15);
}

// Wolfer's sunspot numbers from 1770 to 1779 (the first of Box & Jenkins' series E); r1 in exact fractions.
TEST(Lag1, IsTheSameMovedScaledAndReadBackward) {
  const Samples x{101, 82, 66, 35, 31, 7, 20, 92, 154, 125};
  Samples other(x.rbegin(), x.rend());
  for (double& value : other) value = 8 * value + 1000;
  EXPECT_NEAR(*lag1_autocorrelation(x), *lag1_autocorrelation(other), 1e-14);
  EXPECT_NEAR(*lag1_autocorrelation(x), 1289721.0 / 2088410.0, 1e-14);
}

TEST(Thinned, KeepsEveryKth) {
  const Samples x{0, 1, 2, 3, 4, 5, 6};
  EXPECT_EQ(thinned(x, 3), (Samples{0, 3, 6}));
  EXPECT_EQ(thinned(x, 2), (Samples{0, 2, 4, 6}));
  EXPECT_EQ(thinned(x, 1), x);
  EXPECT_EQ(thinned(x, 0), x);
  EXPECT_EQ(thinned(x, 99), Samples{0});
  EXPECT_EQ(thinned(x, std::numeric_limits<std::size_t>::max()), Samples{0});
  EXPECT_TRUE(thinned({}, 3).empty());
}

// x[t+1] = 0.8 x[t] + noise: every fourth has 0.8^4 = 0.41 left.
TEST(Thinned, LeavesThePowerOfTheAutocorrelation) {
  std::mt19937_64 random(19);
  std::normal_distribution<double> normal(0, 1);
  Samples x{0};
  for (int i = 0; i < 200'000; ++i) x.push_back(0.8 * x.back() + normal(random));
  EXPECT_NEAR(*lag1_autocorrelation(x), 0.8, 0.01);
  EXPECT_NEAR(*lag1_autocorrelation(thinned(x, 4)), 0.4096, 0.02);
}

TEST(Lag1, DoesNotExistWithoutVariance) {
  EXPECT_FALSE(lag1_autocorrelation({}));
  EXPECT_FALSE(lag1_autocorrelation(Samples{1, 2}));
  EXPECT_FALSE(lag1_autocorrelation(Samples{0.1, 0.1, 0.1, 0.1}));
  EXPECT_FALSE(lag1_autocorrelation(Samples{1, kNan, 3}));
}

// The shares that dependence.hpp promises, so that nobody is surprised by an INCONCLUSIVE of honest blocks.
TEST(Lag1, OfIndependentSamplesIsOverAFifthAsOftenAsSaid) {
  std::mt19937_64 random(20261124);
  std::normal_distribution<double> normal(100, 1);
  for (const auto& [n, least, most] : {std::tuple{30, 0.05, 0.14}, {60, 0.02, 0.07}, {120, 0.004, 0.025}}) {
    int over = 0;
    constexpr int kSeries = 4000;
    for (int series = 0; series < kSeries; ++series) {
      Samples x;
      for (int i = 0; i < n; ++i) x.push_back(normal(random));
      over += *lag1_autocorrelation(x) > 0.2;
    }
    EXPECT_GT(static_cast<double>(over) / kSeries, least) << n;
    EXPECT_LT(static_cast<double>(over) / kSeries, most) << n;
  }
}

// S = n(n-1)/2 = 45, its variance 10*9*25/18 = 125: z = 44/sqrt(125).
TEST(Trend, OfARisingLineIsItsSlopeAndSure) {
  Samples times, rising, falling;
  for (int i = 0; i < 10; ++i) {
    times.push_back(2 * i);
    rising.push_back(7 + 3 * i);
    falling.push_back(7 - 3 * i);
  }
  const auto up = trend(times, rising);
  ASSERT_TRUE(up);
  EXPECT_NEAR(up->slope, 1.5, 1e-12);
  EXPECT_NEAR(up->p, std::erfc(44 / std::sqrt(125.0) / std::sqrt(2.0)), 1e-15);
  const auto down = trend(times, falling);
  EXPECT_NEAR(down->slope, -1.5, 1e-12);
  EXPECT_EQ(down->p, up->p);
}

// With ties: S counts no tied pair, and 3 equal ones take 3*2*11 from 18 times the variance.
TEST(Trend, CorrectsForTies) {
  const auto found = trend(Samples{0, 1, 2, 3, 4}, Samples{1, 1, 1, 2, 3});
  ASSERT_TRUE(found);
  const double variance = (5.0 * 4 * 15 - 3 * 2 * 11) / 18;
  EXPECT_NEAR(found->p, std::erfc(6 / std::sqrt(variance) / std::sqrt(2.0)), 1e-15);
}

TEST(Trend, IsOftenSureOfADriftAndSeldomOfNone) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal(0, 1);
  int false_alarms = 0, found = 0;
  for (int series = 0; series < 1000; ++series) {
    Samples times, flat, drifting;
    for (int i = 0; i < 60; ++i) {
      times.push_back(i);
      flat.push_back(normal(random));
      drifting.push_back(flat.back() - 0.05 * i);
    }
    false_alarms += trend(times, flat)->p < 0.01;
    found += trend(times, drifting)->p < 0.01;
  }
  EXPECT_LT(false_alarms, 25);
  EXPECT_GT(found, 950);
}

TEST(Trend, OfVeryManySamplesIsThatOfTheLine) {
  Samples times, x;
  for (int i = 0; i < 5000; ++i) {
    times.push_back(i);
    x.push_back(100 - 0.001 * i);
  }
  EXPECT_NEAR(trend(times, x)->slope, -0.001, 1e-9);
}

TEST(Trend, DoesNotExistOfFewSamplesOrTimesThatStandStill) {
  EXPECT_FALSE(trend(Samples{0, 1, 2}, Samples{1, 2, 3}));
  EXPECT_FALSE(trend(Samples{0, 1, 1, 2}, Samples{1, 2, 3, 4}));
  EXPECT_FALSE(trend(Samples{0, 1, 2, 3}, Samples{1, 2, kNan, 4}));
  EXPECT_FALSE(trend(Samples{0, 1, 2, 3}, Samples{1, 2, 3}));
  EXPECT_EQ(trend(Samples{0, 1, 2, 3}, Samples{5, 5, 5, 5})->p, 1);
}

}  // namespace
}  // namespace geomsu::stats
