#include "harness/stats/binomial.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

#include <boost/math/distributions/binomial.hpp>
#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

__extension__ using Wide = unsigned __int128;

double lower_tail(std::size_t n, double p, std::size_t k) { return 1 - binomial_upper_tail(n, p, k + 1); }

// Tables of the cumulative binomial distribution to four places: Conover, "Practical Nonparametric Statistics" (3rd
// ed.), table A3; the same figures stand in every printed table.
TEST(BinomialTail, IsThatOfThePrintedTable) {
  EXPECT_NEAR(lower_tail(5, 0.5, 0), 0.0312, 5.1e-5);
  EXPECT_NEAR(lower_tail(10, 0.5, 2), 0.0547, 5.1e-5);
  EXPECT_NEAR(lower_tail(10, 0.05, 0), 0.5987, 5.1e-5);
  EXPECT_NEAR(lower_tail(10, 0.05, 1), 0.9139, 5.1e-5);
  EXPECT_NEAR(lower_tail(15, 0.3, 4), 0.5155, 5.1e-5);
  EXPECT_NEAR(lower_tail(20, 0.25, 5), 0.6172, 5.1e-5);
  EXPECT_NEAR(lower_tail(20, 0.5, 5), 0.0207, 5.1e-5);
  EXPECT_NEAR(lower_tail(20, 0.95, 17), 0.0755, 5.1e-5);
}

// At 1/2 every tail is a whole number over 2^n.
TEST(BinomialTail, IsTheRoundedFractionWhereThatIsKnown) {
  for (std::size_t n = 1; n <= 100; ++n) {
    Wide term = 1, sum = 0;
    for (std::size_t k = 0; k <= n; ++k) {  // C(n, k) from the top, which is C(n, n - k)
      sum += term;
      const long double exact = std::ldexp(static_cast<long double>(sum), -static_cast<int>(n));
      EXPECT_NEAR(binomial_upper_tail(n, 0.5, n - k), static_cast<double>(exact), 2.3e-16 * static_cast<double>(exact))
          << n << " " << k;
      term = term * (n - k) / (k + 1);
    }
  }
}

// Boost's incomplete beta in long double, and what it makes of the same in double: a thousand times further off.
TEST(BinomialTail, IsBoostsButForBoostsRounding) {
  using boost::math::cdf;
  using boost::math::complement;
  for (const std::size_t n : {1u, 2u, 30u, 59u, 72u, 128u, 1000u, 10000u}) {
    for (const double p : {1e-6, 0.01, 0.05, 0.3, 0.5, 0.95, 0.999}) {
      const boost::math::binomial_distribution<long double> wide(static_cast<long double>(n), p);
      for (const double at : {0.0, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0}) {
        const auto k = static_cast<std::size_t>(static_cast<double>(n) * p * at);
        if (k == 0 || k > n) continue;
        const auto wanted = static_cast<double>(cdf(complement(wide, static_cast<long double>(k - 1))));
        if (wanted < 1e-290) continue;  // what a double holds in full
        EXPECT_NEAR(binomial_upper_tail(n, p, k) / wanted, 1, 1e-14) << n << " " << p << " " << k;
      }
    }
  }
}

TEST(BinomialTailEdges, OfNothingOfAllAndBeyond) {
  EXPECT_EQ(binomial_upper_tail(0, 0.5, 0), 1);
  EXPECT_EQ(binomial_upper_tail(0, 0.5, 1), 0);
  EXPECT_EQ(binomial_upper_tail(1, 0.5, 1), 0.5);
  EXPECT_EQ(binomial_upper_tail(2, 0.5, 1), 0.75);
  EXPECT_EQ(binomial_upper_tail(30, 0.5, 0), 1);
  EXPECT_EQ(binomial_upper_tail(30, 0.5, 31), 0);
  EXPECT_EQ(binomial_upper_tail(30, 0, 1), 0);
  EXPECT_EQ(binomial_upper_tail(30, 0, 0), 1);
  EXPECT_EQ(binomial_upper_tail(30, 1, 30), 1);
  for (const double p : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    EXPECT_TRUE(std::isnan(binomial_upper_tail(30, p, 1))) << p;
}

TEST(BinomialTail, FallsWithTheCountAndRisesWithTheShare) {
  for (std::size_t k = 1; k <= 60; ++k) {
    EXPECT_LT(binomial_upper_tail(60, 0.3, k), binomial_upper_tail(60, 0.3, k - 1)) << k;
    EXPECT_LT(binomial_upper_tail(60, 0.1, k), binomial_upper_tail(60, 0.11, k)) << k;
  }
}

}  // namespace
}  // namespace geomsu::stats
