#include "harness/stats/fleet.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

using Samples = std::vector<double>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// 24 determinations of copper in flour, Analytical Methods Committee, "Robust Statistics - How Not to Reject Outliers",
// Analyst 114 (1989); R: median(MASS::chem) = 3.385, mad(MASS::chem, constant = 1) = 0.355.
const Samples kCopper{2.90, 3.10, 3.40, 3.40, 3.70,  3.70, 2.80, 2.50, 2.40, 2.40, 2.70, 2.20,
                      5.28, 3.37, 3.03, 3.03, 28.95, 3.77, 3.40, 2.20, 3.50, 3.60, 3.70, 3.70};

TEST(Mad, IsThePublishedOne) {
  EXPECT_NEAR(*mad(kCopper), 0.355, 1e-12);
  EXPECT_EQ(*mad(Samples{1, 2, 3, 4, 5, 6, 7, 8, 9}), 2);  // R: mad(c(1:9)) = 2.9652 = 1.4826 * 2
  EXPECT_EQ(*mad(Samples{1, 1, 2, 2, 4, 6, 9}), 1);
}

TEST(MadEdges, OfNoneOneTwoEqualOnesAndWhatIsNoNumber) {
  EXPECT_FALSE(mad({}));
  EXPECT_EQ(*mad(Samples{7}), 0);
  EXPECT_EQ(*mad(Samples{1, 2}), 0.5);
  EXPECT_EQ(*mad(Samples(9, 0.1)), 0);
  EXPECT_EQ(*mad(Samples{0, 5, 5}), 0);
  for (const double odd : {kNan, kInf, -kInf}) EXPECT_FALSE(mad(Samples{1, odd, 2})) << odd;
}

TEST(RobustZ, SeesTheOutlierThatHidesInTheStandardDeviation) {
  const auto z = robust_z(kCopper);
  ASSERT_EQ(z.size(), kCopper.size());
  EXPECT_NEAR(*z[16], (28.95 - 3.385) / (1.4826022185 * 0.355), 1e-6);
  EXPECT_GT(*z[16], 40);
  for (std::size_t i = 0; i < z.size(); ++i) EXPECT_TRUE(i == 16 || std::abs(*z[i]) < 4) << i;
}

TEST(RobustZ, DoesNotExistWhereMoreThanHalfAreEqual) {
  for (const auto& z : robust_z(Samples{5, 5, 5, 5, 5 + 1e-12})) EXPECT_FALSE(z);
  for (const auto& z : robust_z(Samples{5, 5, 5, 900})) EXPECT_FALSE(z);
  for (const auto& z : robust_z(Samples{5, 5, 6, 7})) EXPECT_TRUE(z);
}

TEST(RobustZEdges, LeaveOutWhatIsNoNumber) {
  EXPECT_TRUE(robust_z({}).empty());
  EXPECT_FALSE(robust_z(Samples{3})[0]);
  EXPECT_NEAR(*robust_z(Samples{1, 3})[0], -1 / 1.4826022185, 1e-9);
  const Samples good{1, 2, 3, 4, 6}, with{1, kNan, 2, 3, kInf, 4, 6};
  const auto without = robust_z(good), found = robust_z(with);
  EXPECT_FALSE(found[1]);
  EXPECT_FALSE(found[4]);
  EXPECT_EQ(found[0], without[0]);
  EXPECT_EQ(found[6], without[4]);
}

TEST(RobustZ, IsTheSameWhateverTheUnitAndTheOrder) {
  std::mt19937_64 random(14);
  Samples x;
  for (int i = 0; i < 41; ++i) x.push_back(static_cast<double>(random() % 4096));
  const auto z = robust_z(x);
  Samples moved;
  for (const double value : x) moved.push_back(8 * value + 1024);
  EXPECT_EQ(robust_z(moved), z);
  Samples turned(x.rbegin(), x.rend());
  auto back = robust_z(turned);
  std::reverse(back.begin(), back.end());
  EXPECT_EQ(back, z);
}

// scipy.stats.wasserstein_distance's first example, then two of different lengths by hand: between 0 and 1 the
// distribution functions are 1/2 and 2/3.
TEST(Wasserstein, IsTheAreaBetweenTheDistributionFunctions) {
  EXPECT_DOUBLE_EQ(wasserstein1(Samples{0, 1, 3}, Samples{5, 6, 8}), 5);
  EXPECT_DOUBLE_EQ(wasserstein1(Samples{0, 1}, Samples{0, 0, 1}), 1.0 / 6);
  EXPECT_DOUBLE_EQ(wasserstein1(Samples{4}, Samples{1, 2, 9}), (3 + 2 + 5) / 3.0);
}

TEST(Wasserstein, IsADistance) {
  std::mt19937_64 random(15);
  for (int round = 0; round < 200; ++round) {
    std::vector<Samples> three(3);
    for (Samples& x : three) {
      for (std::size_t i = 0; i < 1 + random() % 9; ++i) x.push_back(static_cast<double>(random() % 64));
      std::sort(x.begin(), x.end());
    }
    const double ab = wasserstein1(three[0], three[1]), bc = wasserstein1(three[1], three[2]);
    EXPECT_EQ(wasserstein1(three[0], three[0]), 0);
    EXPECT_EQ(wasserstein1(three[1], three[0]), ab);
    EXPECT_LE(wasserstein1(three[0], three[2]), ab + bc + 1e-12);
    EXPECT_EQ(ab == 0, wasserstein1(three[1], three[0]) == 0);
    // Integrated over every gap between numbers, as the definition says.
    double area = 0;
    for (int at = 0; at < 64; ++at) {
      const auto share = [&](const Samples& x) {
        return static_cast<double>(std::upper_bound(x.begin(), x.end(), at) - x.begin()) /
               static_cast<double>(x.size());
      };
      area += std::abs(share(three[0]) - share(three[1]));
    }
    EXPECT_NEAR(ab, area, 1e-12);
  }
}

TEST(WassersteinEdges, DoesNotExistOfNothingOrOfWhatIsNoNumber) {
  EXPECT_TRUE(std::isnan(wasserstein1({}, Samples{1})));
  EXPECT_TRUE(std::isnan(wasserstein1(Samples{1}, {})));
  EXPECT_EQ(wasserstein1(Samples{0}, Samples{0}), 0);
  EXPECT_EQ(wasserstein1(Samples{1, 2}, Samples{1, 2}), 0);
  for (const double odd : {kNan, kInf}) EXPECT_TRUE(std::isnan(wasserstein1(Samples{1, odd}, Samples{1})));
}

double mean_gap(std::span<const float> a, std::span<const float> b) {
  const Samples x(a.begin(), a.end()), y(b.begin(), b.end());
  return wasserstein1(x, y);
}

std::vector<float> fleet_of(std::size_t units, std::size_t width, std::uint64_t seed, std::uint64_t values) {
  std::mt19937_64 random(seed);
  std::vector<float> sketches;
  for (std::size_t unit = 0; unit < units; ++unit) {
    std::vector<float> sketch;
    for (std::size_t k = 0; k < width; ++k) sketch.push_back(static_cast<float>(1000 + random() % values));
    std::sort(sketch.begin(), sketch.end());
    sketches.insert(sketches.end(), sketch.begin(), sketch.end());
  }
  return sketches;
}

// Against the definition: every pair.
TEST(Cohort, FindsTheMedoidOfAllPairs) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const std::size_t units = 1 + seed * 3, width = 1 + seed % 9;
    const std::vector<float> sketches = fleet_of(units, width, seed, 500);
    const std::span<const float> all(sketches);
    Samples sums(units, 0);
    for (std::size_t i = 0; i < units; ++i) {
      for (std::size_t j = 0; j < units; ++j)
        sums[i] += mean_gap(all.subspan(i * width, width), all.subspan(j * width, width));
    }
    const auto found = cohort(sketches, width);
    ASSERT_TRUE(found);
    EXPECT_NEAR(sums[found->medoid], *std::min_element(sums.begin(), sums.end()), 1e-9) << seed;
    const auto typical = all.subspan(found->medoid * width, width);
    const double scale = mean_gap(typical, std::vector<float>(width, 0));
    for (std::size_t i = 0; i < units; ++i)
      EXPECT_NEAR(*found->distances[i], mean_gap(all.subspan(i * width, width), typical) / scale, 1e-12);
    EXPECT_EQ(*found->distances[found->medoid], 0);
  }
}

TEST(Cohort, NamesTheUnitThatRunsATenthSlower) {
  std::vector<float> sketches = fleet_of(100, 9, 3, 20);
  for (std::size_t k = 0; k < 9; ++k) sketches[57 * 9 + k] *= 0.88F;
  const auto found = cohort(sketches, 9);
  ASSERT_TRUE(found);
  for (std::size_t unit = 0; unit < 100; ++unit) EXPECT_EQ(*found->distances[unit] > 0.1, unit == 57) << unit;
}

// Neither the order of the units nor their scale changes what is said of a unit, many ties or none.
TEST(Cohort, KnowsNoOrderAndNoUnit) {
  for (const std::uint64_t values : {3u, 1000u}) {
    const std::vector<float> sketches = fleet_of(60, 4, 11, values);
    const auto found = cohort(sketches, 4);
    std::vector<std::size_t> order(60);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::mt19937_64 random(12);
    std::shuffle(order.begin(), order.end(), random);
    std::vector<float> shuffled;
    for (const std::size_t unit : order) {
      for (std::size_t k = 0; k < 4; ++k) shuffled.push_back(4 * sketches[unit * 4 + k]);
    }
    const auto again = cohort(shuffled, 4);
    ASSERT_TRUE(found && again);
    for (std::size_t i = 0; i < 60; ++i) EXPECT_EQ(again->distances[i], found->distances[order[i]]);
  }
}

// 52,000 units of nine quantiles: pairs would be 1.4e9; this ends at once, and is still the least sum.
TEST(Cohort, OfAVeryLargeFleetIsStillTheLeastSum) {
  constexpr std::size_t kUnits = 52'000, kWidth = 9;
  const std::vector<float> sketches = fleet_of(kUnits, kWidth, 21, 1'000'000);
  const std::span<const float> all(sketches);
  const auto found = cohort(sketches, kWidth);
  ASSERT_TRUE(found);
  const auto sum_of = [&](std::size_t unit) {
    double sum = 0;
    for (std::size_t other = 0; other < kUnits; ++other) {
      for (std::size_t k = 0; k < kWidth; ++k)
        sum += std::abs(static_cast<double>(all[unit * kWidth + k]) - static_cast<double>(all[other * kWidth + k]));
    }
    return sum;
  };
  const double least = sum_of(found->medoid);
  // The nearest to the medoid are its only rivals.
  std::vector<std::size_t> order(kUnits);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::partial_sort(order.begin(), order.begin() + 200, order.end(),
                    [&](std::size_t a, std::size_t b) { return *found->distances[a] < *found->distances[b]; });
  for (std::size_t i = 0; i < 200; ++i) EXPECT_GE(sum_of(order[i]), least) << order[i];
}

TEST(CohortEdges, OfNoneOneTwoEqualOnesZeroAndWhatIsNoNumber) {
  EXPECT_FALSE(cohort({}, 9));
  EXPECT_FALSE(cohort(std::vector<float>{1, 2, 3}, 2));
  EXPECT_FALSE(cohort(std::vector<float>{1}, 0));
  const auto one = cohort(std::vector<float>{1, 2}, 2);
  EXPECT_EQ(one->medoid, 0u);
  EXPECT_EQ(*one->distances[0], 0);
  const auto two = cohort(std::vector<float>{4, 2}, 1);  // equal sums: the lesser
  EXPECT_EQ(two->medoid, 1u);
  EXPECT_EQ(*two->distances[0], 1);
  const auto equal = cohort(std::vector<float>(18, 0.1F), 9);
  EXPECT_EQ(equal->distances, (std::vector<std::optional<double>>{0, 0}));
  const auto zero = cohort(std::vector<float>{0, 0, 0, 7}, 1);  // the typical one is zero: there is no share of it
  EXPECT_EQ(zero->distances, std::vector<std::optional<double>>(4));
  const auto odd = cohort(std::vector<float>{1, 2, static_cast<float>(kNan), 2, 3, static_cast<float>(kInf), 1, 3}, 2);
  EXPECT_EQ(odd->medoid, 0u);
  EXPECT_FALSE(odd->distances[1]);
  EXPECT_FALSE(odd->distances[2]);
  EXPECT_DOUBLE_EQ(*odd->distances[3], 1.0 / 3);
  EXPECT_FALSE(cohort(std::vector<float>{static_cast<float>(kNan)}, 1));
}

}  // namespace
}  // namespace geomsu::stats
