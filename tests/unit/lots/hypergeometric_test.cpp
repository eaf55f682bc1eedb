#include "harness/stats/hypergeometric.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/hypergeometric.hpp>
#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

__extension__ using Wide = unsigned __int128;

Wide choose(unsigned n, unsigned k) {
  if (k > n) return 0;
  Wide result = 1;
  for (unsigned i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

double near(double value) { return 4e-16 * value + 1e-300; }

TEST(Hypergeometric, IsTheRatioOfIntegersInEverySmallLot) {
  for (unsigned items = 0; items <= 24; ++items) {
    for (unsigned bad = 0; bad <= items; ++bad) {
      for (unsigned drawn = 0; drawn <= items; ++drawn) {
        Wide below = 0;
        const auto all = static_cast<double>(choose(items, drawn));
        for (unsigned k = 0; k <= drawn; ++k) {
          const Wide here = choose(bad, k) * choose(items - bad, drawn - k);
          below += here;
          const double pmf = static_cast<double>(here) / all, cdf = static_cast<double>(below) / all;
          const double tail = static_cast<double>(choose(items, drawn) - below) / all;
          ASSERT_NEAR(hypergeometric_pmf({items, bad, drawn}, k), pmf, near(pmf))
              << items << ' ' << bad << ' ' << drawn;
          ASSERT_NEAR(hypergeometric_cdf({items, bad, drawn}, k), cdf, near(cdf))
              << items << ' ' << bad << ' ' << drawn;
          ASSERT_NEAR(hypergeometric_tail({items, bad, drawn}, k), tail, near(tail))
              << items << ' ' << bad << ' ' << drawn;
        }
      }
    }
  }
}

// Lot 510, n 80, 5 and 26 nonconforming, Ac 0, 1, 2: to the three digits they are known to.
TEST(Hypergeometric, GivesThePublishedChancesOfFiveHundredAndTenNodes) {
  const double wanted[3][2] = {{.425, .010}, {.823, .064}, {.971, .195}};
  for (int ac = 0; ac <= 2; ++ac) {
    EXPECT_NEAR(hypergeometric_cdf({510, 5, 80}, ac), wanted[ac][0], 5e-4) << ac;
    EXPECT_NEAR(hypergeometric_cdf({510, 26, 80}, ac), wanted[ac][1], 5e-4) << ac;
  }
}

TEST(Hypergeometric, AgreesWithBoostInLotsUpToTwoThousand) {
  std::mt19937_64 random(2859);
  for (int run = 0; run < 300; ++run) {
    const auto items = static_cast<std::uint32_t>(2 + random() % 2000);
    const auto bad = static_cast<std::uint32_t>(random() % (items + 1)),
               drawn = static_cast<std::uint32_t>(random() % (items + 1));
    const boost::math::hypergeometric boosts(bad, drawn, items);
    const auto least = static_cast<std::int64_t>(drawn + bad > items ? drawn + bad - items : 0);
    const auto most = static_cast<std::int64_t>(std::min(bad, drawn));
    for (std::int64_t k = least; k <= most; k += 1 + (most - least) / 9) {
      const double wanted = boost::math::cdf(boosts, static_cast<double>(k));
      ASSERT_NEAR(hypergeometric_cdf({items, bad, drawn}, k), wanted, 1e-11 * wanted + 1e-290)
          << items << ' ' << bad << ' ' << drawn << ' ' << k;
    }
  }
}

TEST(Hypergeometric, OfAMillionItemsIsTheProductOfItsShares) {
  for (const std::uint64_t bad : {1u, 3u, 200u, 5000u}) {
    for (const std::uint64_t drawn : {1u, 299u, 20'000u}) {
      long double none = 1;
      for (std::uint64_t i = 0; i < drawn; ++i)
        none *= static_cast<long double>(1'000'000 - bad - i) / static_cast<long double>(1'000'000 - i);
      const auto wanted = static_cast<double>(none);
      EXPECT_NEAR(hypergeometric_cdf({1'000'000, bad, drawn}, 0), wanted, 1e-13 * wanted) << bad << ' ' << drawn;
    }
  }
}

TEST(Hypergeometric, OfAMillionItemsIsTheSameWithDrawnAndBadExchanged) {
  std::mt19937_64 random(1);
  for (int run = 0; run < 20; ++run) {
    const std::uint64_t bad = random() % 1'000'001, drawn = random() % 1'000'001;
    const auto middle = static_cast<std::int64_t>(static_cast<double>(bad) * static_cast<double>(drawn) / 1e6);
    const double one = hypergeometric_cdf({1'000'000, bad, drawn}, middle);
    EXPECT_NEAR(one, hypergeometric_cdf({1'000'000, drawn, bad}, middle), 1e-14);
    EXPECT_NEAR(one + hypergeometric_tail({1'000'000, bad, drawn}, middle), 1, 1e-15);
    EXPECT_GT(one, 0.3);
    EXPECT_LT(one, 0.8);
  }
}

TEST(Hypergeometric, KeepsItsDigitsFarOutInTheTail) {
  // C(100, 50)^-1 and nothing else: all fifty bad ones are in the fifty drawn.
  const double wanted = 1 / 100891344545564193334812497256.0;
  EXPECT_NEAR(hypergeometric_tail({100, 50, 50}, 49), wanted, 1e-14 * wanted);
  EXPECT_NEAR(hypergeometric_cdf({100, 50, 50}, 0), wanted, 1e-14 * wanted);
}

TEST(HypergeometricEdge, OfNothingOneOrAllIsCertain) {
  EXPECT_EQ(hypergeometric_cdf({0, 0, 0}, 0), 1);
  EXPECT_EQ(hypergeometric_cdf({1, 1, 1}, 0), 0);
  EXPECT_EQ(hypergeometric_cdf({1, 1, 1}, 1), 1);
  EXPECT_EQ(hypergeometric_cdf({2, 1, 1}, 0), 0.5);
  EXPECT_EQ(hypergeometric_cdf({10, 0, 5}, 0), 1);
  EXPECT_EQ(hypergeometric_tail({10, 0, 5}, 0), 0);
  EXPECT_EQ(hypergeometric_pmf({10, 10, 5}, 5), 1);
  EXPECT_EQ(hypergeometric_cdf({10, 3, 5}, -1), 0);
  EXPECT_EQ(hypergeometric_tail({10, 3, 5}, -1), 1);
  EXPECT_EQ(hypergeometric_cdf({10, 3, 5}, 1000), 1);
  EXPECT_EQ(hypergeometric_tail({10, 3, 5}, 1000), 0);
}

TEST(HypergeometricEdge, OfALotThatCannotBeIsNaN) {
  EXPECT_TRUE(std::isnan(hypergeometric_cdf({10, 11, 5}, 0)));
  EXPECT_TRUE(std::isnan(hypergeometric_pmf({10, 5, 11}, 0)));
  EXPECT_TRUE(std::isnan(hypergeometric_tail({0, 0, 1}, 0)));
}

TEST(Binomial, AgreesWithBoost) {
  std::mt19937_64 random(7);
  for (int run = 0; run < 200; ++run) {
    const std::uint64_t n = 1 + random() % 100'000;
    const double p = static_cast<double>(1 + random() % 999) / 1000;
    const auto k =
        static_cast<std::int64_t>(static_cast<double>(n) * p * static_cast<double>(900 + random() % 200) / 1000);
    const boost::math::binomial boosts(static_cast<double>(n), p);
    if (k > static_cast<std::int64_t>(n)) continue;
    const double below = boost::math::cdf(boosts, static_cast<double>(k));
    const double above = boost::math::cdf(boost::math::complement(boosts, static_cast<double>(k)));
    ASSERT_NEAR(binomial_cdf(n, p, k), below, 1e-10 * below + 1e-280) << n << ' ' << p << ' ' << k;
    ASSERT_NEAR(binomial_tail(n, p, k), above, 1e-10 * above + 1e-280) << n << ' ' << p << ' ' << k;
  }
}

TEST(BinomialEdge, OfNoItemsSureItemsAndNoShare) {
  EXPECT_EQ(binomial_cdf(0, 0.5, 0), 1);
  EXPECT_EQ(binomial_cdf(1, 0.5, 0), 0.5);
  EXPECT_EQ(binomial_cdf(10, 0, 0), 1);
  EXPECT_EQ(binomial_cdf(10, 1, 9), 0);
  EXPECT_EQ(binomial_tail(10, 1, 9), 1);
  EXPECT_TRUE(std::isnan(binomial_cdf(10, std::numeric_limits<double>::quiet_NaN(), 1)));
  EXPECT_TRUE(std::isnan(binomial_tail(10, 1.5, 1)));
}

}  // namespace
}  // namespace geomsu::stats
