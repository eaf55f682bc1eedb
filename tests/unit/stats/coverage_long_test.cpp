// What every bound promises, over statistics, sizes, confidences and distributions: 100,000 seeded runs a case.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/stats/dependence.hpp"
#include "harness/stats/hodges_lehmann.hpp"
#include "harness/stats/order.hpp"
#include "harness/stats/tail.hpp"
#include "tests/unit/stats/series.hpp"

namespace geomsu::stats {
namespace {

using test::Noise;
constexpr int kRuns = 100'000;
constexpr Statistic kStatistics[] = {Statistic::kMedian, Statistic::kP05, Statistic::kP95};
constexpr double kConfidences[] = {0.9, 0.95, 0.975, 0.99};

// Four standard errors of a share of kRuns.
double band(double level) { return 4 * std::sqrt(level * (1 - level) / kRuns); }

// Quantiles of the standard normal distribution at 0.05, 0.5 and 0.95.
double normal_quantile(double q) {
  if (q == 0.5) return 0;
  return q < 0.5 ? -1.6448536269514722 : 1.6448536269514722;
}

struct Distribution {
  std::string name;
  bool steps = false;
  std::function<double(double)> of_normal;  // monotone, so that quantiles go where samples go
};
std::vector<Distribution> distributions() {
  return {{"normal", false, [](double z) { return z; }},
          // Throughput: a hard top, few and far slow samples.
          {"left-skewed lognormal", false, [](double z) { return 100 - std::exp(-z); }},
          {"discrete", true, [](double z) { return std::floor(2 * z); }}};
}

struct Counted {
  Statistic statistic;
  double confidence;
  BoundRanks ranks;
  double truth;
  int lower = 0, upper = 0;
};

TEST(CoverageLong, OfEveryBoundIsItsComputedLevelAndNeverUnderTheConfidence) {
  std::uint64_t seed = 1000;
  std::size_t cases = 0;
  for (const Distribution& distribution : distributions()) {
    for (const std::size_t n : {5u, 6u, 10u, 30u, 31u, 60u, 72u, 128u}) {
      std::vector<Counted> all;
      for (const Statistic statistic : kStatistics) {
        for (const double confidence : kConfidences) {
          const auto ranks = bound_ranks(statistic, n, confidence);
          const double truth = distribution.of_normal(normal_quantile(quantile_of(statistic)));
          if (ranks) all.push_back({statistic, confidence, *ranks, truth});
        }
      }
      Noise noise(++seed);
      std::vector<double> x(n);
      for (int run = 0; run < kRuns; ++run) {
        for (double& value : x) value = distribution.of_normal(noise.normal());
        std::sort(x.begin(), x.end());
        for (Counted& one : all) {
          one.lower += x[one.ranks.lower - 1] <= one.truth ? 1 : 0;
          one.upper += x[one.ranks.upper - 1] >= one.truth ? 1 : 0;
        }
      }
      for (const Counted& one : all) {
        const double lower = static_cast<double>(one.lower) / kRuns, upper = static_cast<double>(one.upper) / kRuns;
        SCOPED_TRACE(distribution.name + " " + std::string(to_string(one.statistic)) + " of " + std::to_string(n) +
                     " at " + std::to_string(one.confidence));
        EXPECT_GE(one.ranks.lower_level, one.confidence);
        EXPECT_GE(one.ranks.upper_level, one.confidence);
        EXPECT_GE(lower, one.ranks.lower_level - band(one.ranks.lower_level));
        EXPECT_GE(upper, one.ranks.upper_level - band(one.ranks.upper_level));
        if (!distribution.steps) {  // steps only make it safer
          EXPECT_LE(lower, one.ranks.lower_level + band(one.ranks.lower_level));
          EXPECT_LE(upper, one.ranks.upper_level + band(one.ranks.upper_level));
        }
        ++cases;
      }
    }
  }
  EXPECT_GE(cases, 100u);
}

// P(p <= alpha) <= alpha for a unit on the bar, and equal to the largest tail that is no larger.
TEST(CoverageLong, OfThePValueIsItsLevel) {
  std::uint64_t seed = 2000;
  for (const Statistic statistic : kStatistics) {
    for (const bool at_least : {true, false}) {
      for (const double alpha : {0.05, 0.01}) {
        constexpr std::size_t kBlocks = 60;
        const double bar = normal_quantile(quantile_of(statistic));
        double level = 0;
        for (std::size_t beyond = kBlocks + 1; beyond-- > 0;) {
          const double p = fail_probability(statistic, kBlocks, beyond, at_least);
          if (p > alpha) break;
          level = p;
        }
        Noise noise(++seed);
        std::vector<double> x(kBlocks);
        int rejected = 0;
        for (int run = 0; run < kRuns; ++run) {
          for (double& value : x) value = noise.normal();
          rejected += fail_probability(statistic, x, bar, at_least) <= alpha ? 1 : 0;
        }
        EXPECT_NEAR(static_cast<double>(rejected) / kRuns, level, band(level)) << to_string(statistic) << at_least;
        EXPECT_LE(level, alpha);
      }
    }
  }
}

TEST(CoverageLong, OfTheHodgesLehmannIntervalIsItsLevel) {
  std::uint64_t seed = 3000;
  for (const auto& [m, n] : {std::pair{4u, 4u}, {5u, 10u}, {12u, 15u}, {55u, 55u}}) {
    Noise noise(++seed);
    std::vector<double> a(m), b(n);
    int covered = 0;
    double level = 0;
    for (int run = 0; run < kRuns; ++run) {
      for (double& value : a) value = 1.3 * std::exp(0.1 * noise.normal());
      for (double& value : b) value = std::exp(0.1 * noise.normal());
      const auto found = hodges_lehmann(a, b, 0.95);
      ASSERT_TRUE(found);
      level = found->level;
      covered += found->lower <= 1.3 && 1.3 <= found->upper ? 1 : 0;
    }
    EXPECT_GE(level, 0.95);
    EXPECT_NEAR(static_cast<double>(covered) / kRuns, level, band(level)) << m << " " << n;
  }
}

// The chi-square distribution is an approximation: three sessions of ten differ falsely a little less often than said.
TEST(CoverageLong, OfKruskalWallisOverThreeSessionsIsNotOverItsLevel) {
  Noise noise(4000);
  std::vector<std::vector<double>> sessions(3, std::vector<double>(10));
  int differ = 0;
  for (int run = 0; run < kRuns; ++run) {
    for (auto& session : sessions) {
      for (double& value : session) value = noise.normal();
    }
    differ += kruskal_wallis(sessions)->p < 0.01 ? 1 : 0;
  }
  const double share = static_cast<double>(differ) / kRuns;
  EXPECT_LE(share, 0.01 + band(0.01));
  EXPECT_GE(share, 0.006);
}

}  // namespace
}  // namespace geomsu::stats
