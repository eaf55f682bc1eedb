// What it takes to judge figures that are already reduced: 6,500 nodes of 206 figures each, one fleet a figure. Median,
// MAD, robust z and the order-statistic bounds of each; no files, no JSON.
#include "harness/stats/fleet.hpp"

#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "harness/stats/order.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kFigures = 206;

void fleet_of_summaries(benchmark::State& state) {
  const auto nodes = static_cast<std::size_t>(state.range(0));
  std::mt19937_64 random(1);
  std::normal_distribution<double> value(700e12, 3e12);
  std::vector<std::vector<double>> figures(kFigures, std::vector<double>(nodes));
  for (auto& figure : figures) {
    for (double& one : figure) one = value(random);
  }
  const auto ranks = stats::bound_ranks(stats::Statistic::kMedian, nodes, 0.95);
  std::size_t outliers = 0;
  for (auto _ : state) {
    outliers = 0;
    for (const auto& figure : figures) {
      for (const auto& z : stats::robust_z(figure)) outliers += z && (*z > 5 || *z < -5) ? 1U : 0U;
      benchmark::DoNotOptimize(stats::bounds(0.5, figure, *ranks));
    }
    benchmark::DoNotOptimize(outliers);
  }
  state.counters["outliers"] = static_cast<double>(outliers);
  state.counters["figures"] = static_cast<double>(kFigures * nodes);
}
BENCHMARK(fleet_of_summaries)->Arg(650)->Arg(6500)->Arg(13000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace geomsu

BENCHMARK_MAIN();
