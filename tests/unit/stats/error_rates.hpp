// How often the judge's whole rule errs, computed where the arithmetic is exact and simulated where it is not: the
// tables of harness/stats/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/stats/looks.hpp"

namespace geomsu::stats::test {

inline constexpr int kErrorRuns = 100'000;

struct Plan {
  const char* name;
  double q;
  std::size_t blocks, extension;
};
std::vector<Plan> error_plans();

struct Rates {
  double pass = 0, fail = 0, dependent = 0;
};
// A unit whose quantile lies `above` standard deviations of a block over the bar; normal blocks.
Rates computed_rates(const Plan& plan, double above);
Rates simulated_rates(const Plan& plan, double phi, double above, std::uint64_t seed);

// Of a sustained clause on the median: three sessions of one series, refused as the judge refuses them; `thin`: of so
// many times as many blocks each so-manieth is judged.
Rates sustained_rates(std::size_t blocks, std::size_t thin, double phi, double above, std::uint64_t seed);

// Markdown, from fixed seeds: the same bytes every time.
std::string error_rate_tables();

}  // namespace geomsu::stats::test
