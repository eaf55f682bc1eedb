#include "harness/stats/tail.hpp"

#include <cmath>
#include <limits>

#include "harness/stats/binomial.hpp"

namespace geomsu::stats {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double fail_probability(Statistic statistic, std::size_t n, std::size_t beyond, bool at_least) {
  const double q = quantile_of(statistic);
  if (!(q > 0 && q < 1) || n == 0 || beyond > n) return kNan;
  return binomial_upper_tail(n, at_least ? q : 1 - q, beyond);
}

double fail_probability(Statistic statistic, std::span<const double> samples, double bar, bool at_least) {
  if (std::isnan(bar)) return kNan;
  std::size_t beyond = 0;
  for (const double x : samples) {
    if (!std::isfinite(x)) return kNan;
    beyond += (at_least ? x < bar : x > bar) ? 1 : 0;
  }
  return fail_probability(statistic, samples.size(), beyond, at_least);
}

}  // namespace geomsu::stats
