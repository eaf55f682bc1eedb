#include "harness/stats/mann_whitney.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

// Table I of Mann & Whitney (1947), n = 3 and 4, as far as it is printed.
TEST(MannWhitney, IsTheTableOfItsAuthors) {
  const std::vector<double> three{0.050, 0.100, 0.200, 0.350, 0.500, 0.650};
  for (std::size_t u = 0; u < three.size(); ++u) EXPECT_NEAR(mann_whitney_tail(3, 3, u), three[u], 5e-4) << u;
  const std::vector<double> four{0.014, 0.029, 0.057, 0.100, 0.171, 0.243, 0.343, 0.443, 0.557};
  for (std::size_t u = 0; u < four.size(); ++u) EXPECT_NEAR(mann_whitney_tail(4, 4, u), four[u], 5e-4) << u;
}

// Critical values of U as every textbook prints them, of a two-sided 5 % and a one-sided 5 % test: one less than the
// rank here (R: qwilcox(.025, m, n), qwilcox(.05, m, n)).
TEST(MannWhitney, HasThePrintedCriticalValues) {
  for (const auto& [m, n, two, one] : {std::tuple{4u, 4u, 0u, 1u},
                                       {5u, 5u, 2u, 4u},
                                       {8u, 8u, 13u, 15u},
                                       {10u, 10u, 23u, 27u},
                                       {5u, 10u, 8u, 11u},
                                       {20u, 20u, 127u, 138u}}) {
    EXPECT_EQ(mann_whitney_rank(m, n, 0.975)->rank, two + 1) << m << " " << n;
    EXPECT_EQ(mann_whitney_rank(m, n, 0.95)->rank, one + 1) << m << " " << n;
    EXPECT_EQ(mann_whitney_rank(n, m, 0.975)->rank, two + 1) << n << " " << m;
  }
}

// Every order of m + n numbers is equally probable: counted, one by one.
TEST(MannWhitney, IsTheCountOfAllOrders) {
  for (const auto& [m, n] : {std::tuple{1u, 1u}, {1u, 6u}, {6u, 1u}, {3u, 5u}, {7u, 6u}}) {
    std::vector<std::size_t> count(m * n + 1, 0);
    std::size_t all = 0;
    for (unsigned order = 0; order < 1u << (m + n); ++order) {
      if (static_cast<unsigned>(__builtin_popcount(order)) != m) continue;
      std::size_t u = 0, below = 0;
      for (unsigned i = 0; i < m + n; ++i) {
        if ((order >> i & 1u) != 0) {
          u += below;
        } else {
          ++below;
        }
      }
      ++count[u];
      ++all;
    }
    std::size_t sum = 0;
    for (std::size_t u = 0; u <= m * n; ++u) {
      sum += count[u];
      EXPECT_NEAR(mann_whitney_tail(m, n, u), static_cast<double>(sum) / static_cast<double>(all), 1e-16)
          << m << " " << n << " " << u;
    }
  }
}

TEST(MannWhitney, IsMirroredAtEverySizeThatIsExact) {
  for (const auto& [m, n] : {std::tuple{50u, 50u}, {13u, 50u}}) {
    for (std::size_t u = 0; u + 1 < m * n; u += 311)
      EXPECT_NEAR(mann_whitney_tail(m, n, u), 1 - mann_whitney_tail(m, n, m * n - u - 1), 1e-15) << u;
  }
}

// What the approximation costs where it begins.
TEST(MannWhitney, IsNormalBeyondFiftyToThreeRanks) {
  for (const double confidence : {0.95, 0.975, 0.995}) {
    const auto exact = mann_whitney_rank(50, 50, confidence), normal = mann_whitney_rank(51, 51, confidence);
    ASSERT_TRUE(exact && normal);
    // Ranks of 50 and 51 a side are about 50 apart; in standard deviations from the mean both are the same.
    const double sd50 = std::sqrt(50.0 * 50 * 101 / 12), sd51 = std::sqrt(51.0 * 51 * 103 / 12);
    const double z50 = (1250 - static_cast<double>(exact->rank)) / sd50;
    const double z51 = (1300.5 - static_cast<double>(normal->rank)) / sd51;
    EXPECT_NEAR(z50, z51, 3 / sd50) << confidence;
    EXPECT_GE(normal->level, confidence);
    EXPECT_LT(normal->level, confidence + 0.001);
  }
  EXPECT_NEAR(mann_whitney_tail(51, 51, 1300), 0.5, 1e-12);
}

TEST(MannWhitneyEdges, OfNothingOneAndTooFew) {
  EXPECT_TRUE(std::isnan(mann_whitney_tail(0, 3, 0)));
  EXPECT_TRUE(std::isnan(mann_whitney_tail(3, 0, 0)));
  EXPECT_EQ(mann_whitney_tail(1, 1, 0), 0.5);
  EXPECT_EQ(mann_whitney_tail(1, 1, 1), 1);
  EXPECT_EQ(mann_whitney_tail(2, 2, 99), 1);
  EXPECT_FALSE(mann_whitney_rank(0, 5, 0.95));
  EXPECT_FALSE(mann_whitney_rank(5, 0, 0.95));
  EXPECT_FALSE(mann_whitney_rank(3, 3, 0.975));
  EXPECT_EQ(mann_whitney_rank(3, 3, 0.9499)->rank, 1u);
  const auto exactly = mann_whitney_rank(1, 1, 0.5);  // a level that is exactly the confidence
  ASSERT_TRUE(exactly);
  EXPECT_EQ(exactly->rank, 1u);
  EXPECT_FALSE(mann_whitney_rank(1, 1, 0.5000001));
  EXPECT_FALSE(mann_whitney_rank(1, 100, 0.999));
  for (const double odd : {0.49, 1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_FALSE(mann_whitney_rank(9, 9, odd)) << odd;
}

}  // namespace
}  // namespace geomsu::stats
