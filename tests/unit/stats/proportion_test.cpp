#include "harness/stats/proportion.hpp"

#include <cerrno>
#include <cmath>
#include <limits>
#include <tuple>

#include <gtest/gtest.h>

#include "harness/stats/binomial.hpp"

namespace geomsu::stats {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// "Exact" of Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
// table I, and the printed 95 % limits of n = 10 (Conover, 3rd ed., table A4).
TEST(ClopperPearson, IsThatOfThePrintedTables) {
  for (const auto& [k, n, lower, upper, places] : {std::tuple{81u, 263u, 0.2527, 0.3676, 5.1e-5},
                                                   {15u, 148u, 0.0578, 0.1617, 5.1e-5},
                                                   {0u, 20u, 0.0, 0.1684, 5.1e-5},
                                                   {1u, 29u, 0.0009, 0.1776, 5.1e-5},
                                                   {0u, 10u, 0.0, 0.308, 5.1e-4},
                                                   {1u, 10u, 0.003, 0.445, 5.1e-4},
                                                   {2u, 10u, 0.025, 0.556, 5.1e-4},
                                                   {3u, 10u, 0.067, 0.652, 5.1e-4},
                                                   {4u, 10u, 0.122, 0.738, 5.1e-4},
                                                   {5u, 10u, 0.187, 0.813, 5.1e-4},
                                                   {10u, 10u, 0.692, 1.0, 5.1e-4}}) {
    const auto found = clopper_pearson(k, n, 0.95);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->lower, lower, places) << k << " of " << n;
    EXPECT_NEAR(found->upper, upper, places) << k << " of " << n;
    EXPECT_EQ(found->share, static_cast<double>(k) / n);
  }
}

// (1 - p)^n = 5 %: the rule of three says 3 / n.
TEST(ClopperPearson, OfNoSuccessesIsKnownInClosedForm) {
  for (const std::size_t n : {1u, 2u, 59u, 299u, 100000u}) {
    const double wanted = -std::expm1(std::log(0.05) / static_cast<double>(n));
    EXPECT_NEAR(*share_at_most(0, n, 0.95) / wanted, 1, 1e-13) << n;
    EXPECT_NEAR(*share_at_least(n, n, 0.95), 1 - wanted, 1e-13) << n;
  }
}

TEST(ClopperPearson, StandsWhereTheBinomialTailsSay) {
  for (const std::size_t n : {1u, 7u, 60u, 510u}) {
    for (std::size_t k = 1; k < n; k += 1 + n / 9) {
      EXPECT_NEAR(binomial_upper_tail(n, *share_at_least(k, n, 0.95), k), 0.05, 1e-13) << k << " of " << n;
      EXPECT_NEAR(1 - binomial_upper_tail(n, *share_at_most(k, n, 0.95), k + 1), 0.05, 1e-13) << k << " of " << n;
    }
  }
}

// The cover at share p is a finite sum: exact, no simulation.
TEST(ClopperPearson, CoversNeverLessThanItSays) {
  for (const std::size_t n : {1u, 2u, 5u, 30u, 100u}) {
    for (int step = 1; step < 200; ++step) {
      const double p = step / 200.0;
      double cover = 0;
      for (std::size_t k = 0; k <= n; ++k) {
        const auto found = clopper_pearson(k, n, 0.95);
        if (found->lower <= p && p <= found->upper)
          cover += binomial_upper_tail(n, p, k) - binomial_upper_tail(n, p, k + 1);
      }
      EXPECT_GE(cover, 0.95 - 1e-12) << n << " at " << p;
    }
  }
}

TEST(ClopperPearsonEdges, RefuseWhatIsNoCountAndLeaveErrnoAlone) {
  errno = 0;
  EXPECT_FALSE(clopper_pearson(0, 0, 0.95));
  EXPECT_FALSE(clopper_pearson(3, 2, 0.95));
  for (const double odd : {0.0, 1.0, -1.0, 2.0, kNan}) {
    EXPECT_FALSE(clopper_pearson(1, 2, odd)) << odd;
    EXPECT_FALSE(share_at_least(1, 2, odd)) << odd;
    EXPECT_FALSE(share_at_most(1, 2, odd)) << odd;
  }
  EXPECT_EQ(clopper_pearson(0, 1, 0.95)->lower, 0);
  EXPECT_EQ(clopper_pearson(1, 1, 0.95)->upper, 1);
  EXPECT_NEAR(clopper_pearson(1, 1, 0.95)->lower, 0.025, 1e-15);
  EXPECT_EQ(errno, 0);
}

TEST(ClopperPearson, IsMirroredAndRisesWithSuccesses) {
  for (std::size_t k = 0; k <= 40; ++k) {
    const auto found = clopper_pearson(k, 40, 0.9), mirrored = clopper_pearson(40 - k, 40, 0.9);
    EXPECT_NEAR(found->lower, 1 - mirrored->upper, 1e-14) << k;
    if (k == 0) continue;
    const auto fewer = clopper_pearson(k - 1, 40, 0.9);
    EXPECT_GT(found->lower, fewer->lower);
    EXPECT_GT(found->upper, fewer->upper);
  }
}

}  // namespace
}  // namespace geomsu::stats
