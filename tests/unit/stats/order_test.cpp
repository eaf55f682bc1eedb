#include "harness/stats/order.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu::stats {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::array<Statistic, 5> kAll{Statistic::kMedian, Statistic::kP05, Statistic::kP95, Statistic::kMin,
                                        Statistic::kMax};

// Row n of Pascal's triangle; exact up to n = 127 in 128 bits.
std::vector<Wide> pascal(std::size_t n) {
  std::vector<Wide> row{1};
  for (std::size_t i = 0; i < n; ++i) {
    row.push_back(1);
    for (std::size_t k = row.size() - 2; k > 0; --k) row[k] += row[k - 1];
  }
  return row;
}

// The largest r with sum_{k < r} C(n, k) * percent_of_100 <= (100 - percent) * 2^n / 100, all in integers; 0 where
// none.
std::size_t median_lower_rank(std::size_t n, unsigned percent) {
  const std::vector<Wide> row = pascal(n);
  const Wide all = Wide{1} << n;
  Wide below = 0;
  std::size_t r = 0;
  for (std::size_t k = 0; k <= n; ++k) {
    below += row[k];
    if (below * 100 > all * (100 - percent)) break;
    r = k + 1;
  }
  return r;
}

TEST(BoundRanks, OfTheMedianAreThoseOfExactIntegerSumsUpToSixty) {
  for (const unsigned percent : {80u, 90u, 95u, 99u}) {
    for (std::size_t n = 1; n <= 60; ++n) {
      const std::size_t wanted = median_lower_rank(n, percent);
      const auto found = bound_ranks(Statistic::kMedian, n, percent / 100.0);
      ASSERT_EQ(found.has_value(), wanted > 0) << n << " at " << percent;
      if (!found) continue;
      EXPECT_EQ(found->lower, wanted) << n << " at " << percent;
      EXPECT_EQ(found->upper, n + 1 - wanted) << n << " at " << percent;
    }
  }
}

TEST(BoundRanks, OfTheMedianHaveTheExactLevelsOfIntegerSums) {
  for (std::size_t n = 5; n <= 60; ++n) {
    const auto found = bound_ranks(Statistic::kMedian, n, 0.95);
    ASSERT_TRUE(found);
    const std::vector<Wide> row = pascal(n);
    const Wide below = std::accumulate(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(found->lower), Wide{0});
    const auto level = 1 - static_cast<double>(static_cast<long double>(below) / std::ldexp(1.0L, static_cast<int>(n)));
    EXPECT_DOUBLE_EQ(found->lower_level, level) << n;
    EXPECT_DOUBLE_EQ(found->upper_level, level) << n;
  }
}

// C(n, k) p^k (1-p)^(n-k) with p = 1/20: sum_{k < r} C(n, k) 19^(n-k) <= 5/100 * 20^n, exact where 20^n fits (n <= 29).
TEST(BoundRanks, OfTheFifthPercentileUpperAreThoseOfExactIntegerSums) {
  for (std::size_t n = 1; n <= 28; ++n) {
    const std::vector<Wide> row = pascal(n);
    Wide all = 1;
    for (std::size_t i = 0; i < n; ++i) all *= 20;
    Wide above = 0, power = 1;  // sum over k >= s of C(n, k) 19^(n-k)
    std::size_t s = n + 1;      // smallest s with P(X >= s) <= 50 %, where there is one
    for (std::size_t k = n + 1; k-- > 0;) {
      above += row[k] * power;
      power *= 19;
      if (above * 2 > all) break;
      s = k;
    }
    const auto found = bound_ranks(Statistic::kP05, n, 0.5);
    if (found) {
      EXPECT_EQ(found->upper, s) << n;
      EXPECT_EQ(found->lower, 1u) << n;
    } else {
      EXPECT_LT(n, 14u);  // 0.95^14 = 0.4877 is the first under one half
    }
  }
}

TEST(BoundRanks, MatchThePublishedTable) {
  // Two-sided 95 % limits of the median are one-sided at 97.5 %: one more than the two-sided 5 % critical value of the
  // sign test, which textbooks print as 0, 1, 2, 3, 5, 7, 9, 13, 17 for these n.
  const std::array<std::pair<std::size_t, std::size_t>, 9> two_sided{
      {{6, 1}, {10, 2}, {12, 3}, {15, 4}, {20, 6}, {25, 8}, {30, 10}, {40, 14}, {50, 18}}};
  for (const auto& [n, rank] : two_sided) {
    const auto found = bound_ranks(Statistic::kMedian, n, 0.975);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->lower, rank) << n;
  }
  // The default plan, 30 blocks: one-sided 95 % is the eleventh from either end.
  const auto plan = bound_ranks(Statistic::kMedian, 30, 0.95);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->lower, 11u);
  EXPECT_EQ(plan->upper, 20u);
  // Sum of C(30, k) for k <= 10 is 53009102, of 2^30.
  EXPECT_DOUBLE_EQ(plan->lower_level, 1 - 53009102.0 / 1073741824.0);
}

TEST(BoundRanks, RefuseABoundThatDoesNotExist) {
  EXPECT_FALSE(bound_ranks(Statistic::kMedian, 4, 0.95));
  EXPECT_TRUE(bound_ranks(Statistic::kMedian, 5, 0.95));
  EXPECT_FALSE(bound_ranks(Statistic::kP05, 58, 0.95));
  EXPECT_TRUE(bound_ranks(Statistic::kP05, 59, 0.95));
  EXPECT_FALSE(bound_ranks(Statistic::kP95, 58, 0.95));
  EXPECT_TRUE(bound_ranks(Statistic::kP95, 59, 0.95));
}

TEST(BoundRanks, TakeABoundWhoseLevelIsExactlyTheConfidence) {
  const auto found = bound_ranks(Statistic::kMedian, 5, 0.96875);  // 1 - 2^-5
  ASSERT_TRUE(found);
  EXPECT_EQ(found->lower, 1u);
  EXPECT_EQ(found->lower_level, 0.96875);
  EXPECT_FALSE(bound_ranks(Statistic::kMedian, 5, std::nextafter(0.96875, 1.0)));
}

TEST(BoundRanks, NameTheSmallestNThatWouldDo) {
  EXPECT_EQ(smallest_n(Statistic::kMedian, 0.95), 5u);
  EXPECT_EQ(smallest_n(Statistic::kMedian, 0.975), 6u);
  EXPECT_EQ(smallest_n(Statistic::kMedian, 0.99), 7u);
  EXPECT_EQ(smallest_n(Statistic::kP05, 0.95), 59u);
  EXPECT_EQ(smallest_n(Statistic::kP95, 0.95), 59u);
  EXPECT_EQ(smallest_n(Statistic::kP05, 0.99), 90u);
  EXPECT_EQ(smallest_n(Statistic::kMin, 0.95), 1u);
  for (const Statistic statistic : kAll) {
    for (const double confidence : {0.5, 0.8, 0.9, 0.95, 0.99, 0.999, std::nextafter(1.0, 0.0)}) {
      const std::size_t n = smallest_n(statistic, confidence);
      EXPECT_TRUE(bound_ranks(statistic, n, confidence));
      EXPECT_FALSE(bound_ranks(statistic, n - 1, confidence));
    }
  }
}

TEST(BoundRanks, OfTheExtremesAreTheExtremesWithoutAnInterval) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{30}}) {
    const auto low = bound_ranks(Statistic::kMin, n, 0.95);
    const auto high = bound_ranks(Statistic::kMax, n, 0.95);
    ASSERT_TRUE(low && high);
    EXPECT_EQ(low->lower, 1u);
    EXPECT_EQ(low->upper, 1u);
    EXPECT_EQ(low->lower_level, 1);
    EXPECT_EQ(high->lower, n);
    EXPECT_EQ(high->upper, n);
    EXPECT_EQ(high->upper_level, 1);
  }
}

TEST(BoundRanks, ReachTheirConfidenceAndAreTightAndOrderedAtEveryN) {
  for (const Statistic statistic : {Statistic::kMedian, Statistic::kP05, Statistic::kP95}) {
    for (const double confidence : {0.5, 0.9, 0.95, 0.99}) {
      for (std::size_t n = smallest_n(statistic, confidence); n <= 400; ++n) {
        const auto ranks = bound_ranks(statistic, n, confidence);
        ASSERT_TRUE(ranks) << n;
        EXPECT_GE(ranks->lower, 1u);
        EXPECT_LE(ranks->lower, ranks->upper) << n;
        EXPECT_LE(ranks->upper, n);
        EXPECT_GE(ranks->lower_level, confidence);
        EXPECT_GE(ranks->upper_level, confidence);
        // The bounds hold the estimate between them; at one half they are so near that the interpolation may step over
        // one.
        if (confidence == 0.5) continue;
        std::vector<double> x(n);
        std::iota(x.begin(), x.end(), 1.0);
        const auto found = bounds(statistic, x, confidence);
        ASSERT_TRUE(found);
        EXPECT_LE(found->lower, found->estimate) << to_string(statistic) << " " << n << " " << confidence;
        EXPECT_GE(found->upper, found->estimate) << to_string(statistic) << " " << n << " " << confidence;
      }
    }
  }
}

TEST(BoundRanks, OfP05AndP95MirrorEachOther) {
  for (std::size_t n = 59; n <= 300; ++n) {
    const auto low = bound_ranks(Statistic::kP05, n, 0.95), high = bound_ranks(Statistic::kP95, n, 0.95);
    ASSERT_TRUE(low && high);
    EXPECT_EQ(low->lower, n + 1 - high->upper) << n;
    EXPECT_EQ(low->upper, n + 1 - high->lower) << n;
  }
}

TEST(BoundRanks, StayRightAtAMillionSamples) {
  const std::size_t n = 1'000'000;
  const auto ranks = bound_ranks(Statistic::kMedian, n, 0.95);
  ASSERT_TRUE(ranks);
  // By the normal approximation n/2 - 1.6449 * sqrt(n)/2 = 499177.6.
  EXPECT_NEAR(static_cast<double>(ranks->lower), 499'177.6, 2);
  EXPECT_EQ(ranks->lower + ranks->upper, n + 1);
  EXPECT_GE(ranks->lower_level, 0.95);
  EXPECT_LT(ranks->lower_level, 0.95 + 2.1e-4);  // the next rank would be under: its mass is 0.103 * 2 / sqrt(n)
  const auto low = bound_ranks(Statistic::kP05, n, 0.95);
  ASSERT_TRUE(low);
  EXPECT_NEAR(static_cast<double>(low->lower), 50'000 - 1.6449 * std::sqrt(1e6 * 0.05 * 0.95), 3);
}

TEST(BoundRanks, RefuseAConfidenceThatIsNone) {
  for (const double confidence : {-1.0, 0.0, 0.49, 1.0, 1.5, kNan, kInf}) {
    for (const Statistic statistic : kAll) {
      EXPECT_FALSE(bound_ranks(statistic, 100, confidence)) << confidence;
      EXPECT_EQ(smallest_n(statistic, confidence), 0u) << confidence;
    }
  }
}

TEST(Bounds, AreTheOrderStatisticsWhateverTheOrderOfTheSamples) {
  std::vector<double> x(30);
  std::iota(x.begin(), x.end(), 101.0);
  std::mt19937_64 random(7);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(x.begin(), x.end(), random);
    const auto found = bounds(Statistic::kMedian, x, 0.95);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->lower, 111);
    EXPECT_EQ(found->upper, 120);
    EXPECT_EQ(found->estimate, 115.5);
  }
}

TEST(Bounds, NeverFallWhenASampleGetsBetter) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> any(0, 1);
  for (int round = 0; round < 2000; ++round) {
    const std::size_t n = 59 + random() % 40;
    std::vector<double> x(n);
    for (double& value : x) value = std::floor(any(random) * 20);  // ties are common
    const std::size_t chosen = random() % n;
    std::vector<double> better = x;
    better[chosen] += any(random) * 10;
    for (const Statistic statistic : kAll) {
      const auto before = bounds(statistic, x, 0.95), after = bounds(statistic, better, 0.95);
      ASSERT_TRUE(before && after);
      EXPECT_GE(after->lower, before->lower);
      EXPECT_GE(after->upper, before->upper);
      EXPECT_GE(after->estimate, before->estimate);
    }
  }
}

TEST(Bounds, ScaleWithTheirSamples) {
  std::mt19937_64 random(13);
  std::vector<double> x(64), scaled(64);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(random() % 1000);
    scaled[i] = x[i] * 4;
  }
  for (const Statistic statistic : kAll) {
    const auto one = bounds(statistic, x, 0.95), four = bounds(statistic, scaled, 0.95);
    ASSERT_TRUE(one && four);
    EXPECT_EQ(four->lower, one->lower * 4);
    EXPECT_EQ(four->upper, one->upper * 4);
    EXPECT_EQ(four->estimate, one->estimate * 4);
  }
}

TEST(BoundsEdges, OfNoneOneAndTwoSamples) {
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
    const std::vector<double> x(n, 3.0);
    for (const Statistic statistic : {Statistic::kMedian, Statistic::kP05, Statistic::kP95}) {
      EXPECT_FALSE(bounds(statistic, x, 0.95)) << n;
    }
    EXPECT_EQ(bounds(Statistic::kMin, x, 0.95).has_value(), n > 0);
    EXPECT_EQ(bounds(Statistic::kMax, x, 0.95).has_value(), n > 0);
  }
  const std::vector<double> two{4, 2};
  EXPECT_EQ(bounds(Statistic::kMin, two, 0.95)->estimate, 2);
  EXPECT_EQ(bounds(Statistic::kMax, two, 0.95)->lower, 4);
}

TEST(BoundsEdges, OfEqualSamplesAreThatSample) {
  const std::vector<double> x(60, 0.1);
  for (const Statistic statistic : kAll) {
    const auto found = bounds(statistic, x, 0.95);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->lower, 0.1);
    EXPECT_EQ(found->upper, 0.1);
    EXPECT_EQ(found->estimate, 0.1) << to_string(statistic);
  }
}

TEST(BoundsEdges, CountAZeroAsASampleLikeAnyOther) {
  std::vector<double> x{5, 5, 5, 5, 0};
  const auto found = bounds(Statistic::kMedian, x, 0.95);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->lower, 0);
  EXPECT_EQ(found->upper, 5);
}

TEST(BoundsEdges, RefuseNanAndInfinityWhereverTheyStand) {
  for (const double odd : {kNan, kInf, -kInf}) {
    for (std::size_t at = 0; at < 60; at += 59) {
      std::vector<double> x(60, 1.0);
      x[at] = odd;
      for (const Statistic statistic : kAll) EXPECT_FALSE(bounds(statistic, x, 0.95));
    }
  }
}

TEST(Median, OfEvenCountsIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(median(std::vector<double>{3, 1, 2}), 2);
  EXPECT_EQ(median(std::vector<double>{4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median(std::vector<double>{7}), 7);
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(median(std::vector<double>{most, most}), most);  // the sum would overflow
}

TEST(Median, OfNoSamplesOrOfNanDoesNotExist) {
  EXPECT_TRUE(std::isnan(median({})));
  for (std::size_t at = 0; at < 5; ++at) {
    std::vector<double> x{1, 2, 3, 4, 5};
    x[at] = kNan;
    EXPECT_TRUE(std::isnan(median(x))) << at;
    EXPECT_TRUE(std::isnan(quantile(x, 0.5))) << at;
  }
}

TEST(Quantile, IsTypeSeven) {
  const std::vector<double> x{10, 20, 30, 40};  // R: quantile(c(10,20,30,40), c(.05,.25,.5,.95)) = 11.5 17.5 25 38.5
  EXPECT_DOUBLE_EQ(quantile(x, 0.05), 11.5);
  EXPECT_DOUBLE_EQ(quantile(x, 0.25), 17.5);
  EXPECT_DOUBLE_EQ(quantile(x, 0.5), 25);
  EXPECT_DOUBLE_EQ(quantile(x, 0.95), 38.5);
  EXPECT_EQ(quantile(x, 0), 10);
  EXPECT_EQ(quantile(x, 1), 40);
}

TEST(Quantile, HasItsEdges) {
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
  EXPECT_EQ(quantile(std::vector<double>{3}, 0.95), 3);
  for (const double q : {-0.1, 1.1, kNan}) EXPECT_TRUE(std::isnan(quantile(std::vector<double>{1, 2}, q)));
  EXPECT_TRUE(std::isnan(quantile(std::vector<double>{1, kNan}, 0.5)));
  EXPECT_EQ(quantile(std::vector<double>{1, kInf, kInf}, 1), kInf);
}

TEST(StatisticText, ReadsBack) {
  for (const Statistic statistic : kAll) EXPECT_EQ(parse_statistic(to_string(statistic)), statistic);
  for (const char* odd : {"", "mean", "p50", "Median", "best"}) EXPECT_FALSE(parse_statistic(odd)) << odd;
}

}  // namespace
}  // namespace geomsu::stats
