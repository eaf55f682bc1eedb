// What the bounds promise, seen in seeded simulation: each covers the true quantile as often as its exact level says.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "harness/stats/order.hpp"

namespace geomsu::stats {
namespace {

constexpr int kRuns = 100'000;

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

// Four standard errors of the share of kRuns at this level: one false alarm in 16,000 simulations.
double band(double level) { return 4 * std::sqrt(level * (1 - level) / kRuns); }

struct Share {
  double lower = 0, upper = 0;
};

// `draw` turns a uniform number into a sample; `truth` is the quantile of what it draws.
template <typename Draw>
Share covered(Statistic statistic, std::size_t n, double confidence, double truth, std::uint64_t seed, Draw draw) {
  std::mt19937_64 random(seed);
  const BoundRanks ranks = *bound_ranks(statistic, n, confidence);
  std::vector<double> x(n);
  int lower = 0, upper = 0;
  for (int run = 0; run < kRuns; ++run) {
    for (double& value : x) value = draw(uniform(random));
    std::sort(x.begin(), x.end());
    lower += x[ranks.lower - 1] <= truth ? 1 : 0;
    upper += x[ranks.upper - 1] >= truth ? 1 : 0;
  }
  return {static_cast<double>(lower) / kRuns, static_cast<double>(upper) / kRuns};
}

struct Case {
  Statistic statistic;
  std::size_t n;
  double confidence;
};
constexpr Case kCases[] = {{Statistic::kMedian, 5, 0.95},   {Statistic::kMedian, 30, 0.95},
                           {Statistic::kMedian, 30, 0.975}, {Statistic::kMedian, 31, 0.99},
                           {Statistic::kP05, 59, 0.95},     {Statistic::kP95, 60, 0.95}};

TEST(Coverage, IsTheExactLevelForContinuousSamples) {
  std::uint64_t seed = 2026;
  for (const Case& one : kCases) {
    const BoundRanks ranks = *bound_ranks(one.statistic, one.n, one.confidence);
    const double q = quantile_of(one.statistic);
    // Skewed like throughput: few and far slow samples.
    const auto skewed = [](double u) { return std::log(u + 1e-300); };
    const Share share = covered(one.statistic, one.n, one.confidence, skewed(q), ++seed, skewed);
    EXPECT_NEAR(share.lower, ranks.lower_level, band(ranks.lower_level)) << to_string(one.statistic) << one.n;
    EXPECT_NEAR(share.upper, ranks.upper_level, band(ranks.upper_level)) << to_string(one.statistic) << one.n;
    EXPECT_GE(share.lower, one.confidence - band(one.confidence));
    EXPECT_GE(share.upper, one.confidence - band(one.confidence));
  }
}

TEST(Coverage, IsNeverUnderTheLevelForSamplesWithSteps) {
  std::uint64_t seed = 4052;
  for (const Case& one : kCases) {
    const double q = quantile_of(one.statistic);
    const auto steps = [](double u) { return std::floor(u * 7); };  // a timer with seven readings
    const Share share = covered(one.statistic, one.n, one.confidence, steps(q), ++seed, steps);
    EXPECT_GE(share.lower, one.confidence - band(one.confidence)) << to_string(one.statistic) << one.n;
    EXPECT_GE(share.upper, one.confidence - band(one.confidence)) << to_string(one.statistic) << one.n;
  }
}

}  // namespace
}  // namespace geomsu::stats
