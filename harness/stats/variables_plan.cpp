#include "harness/stats/variables_plan.hpp"

#include <cmath>
#include <limits>

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>

namespace geomsu::stats {
namespace {

constexpr std::uint32_t kMost = 100'000;

boost::math::non_central_t spread(std::uint32_t n, double p) {
  const double z = boost::math::quantile(boost::math::complement(boost::math::normal(), p));
  return {static_cast<double>(n - 1), z * std::sqrt(static_cast<double>(n))};
}

// The most k of a sample of n that rejects a share p with a probability of at most alpha.
double most_k(std::uint32_t n, double p, double alpha) {
  return boost::math::quantile(spread(n, p), alpha) / std::sqrt(static_cast<double>(n));
}

double upwards(double k) { return std::ceil(k * 1e6) / 1e6; }

}  // namespace

double variables_k(std::uint32_t n, double p, double beta) {
  if (n < 2 || !(p > 0 && p < 1) || !(beta > 0 && beta < 1)) return std::numeric_limits<double>::quiet_NaN();
  return boost::math::quantile(boost::math::complement(spread(n, p), beta)) / std::sqrt(static_cast<double>(n));
}

double variables_accepted(std::uint32_t n, double k, double p) {
  if (n < 2 || !std::isfinite(k) || !(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0) return 1;
  if (p == 1) return 0;
  return boost::math::cdf(boost::math::complement(spread(n, p), k * std::sqrt(static_cast<double>(n))));
}

std::optional<VariablesPlan> variables_plan(const PlanRisks& risks) {
  const auto half = [](double p) { return p > 0 && p < 0.5; };
  if (!half(risks.p0) || !half(risks.p1) || !half(risks.alpha) || !half(risks.beta) || risks.p0 >= risks.p1)
    return std::nullopt;
  // The interval of good k opens once as n grows.
  const auto holds = [&](std::uint32_t n) {
    return upwards(variables_k(n, risks.p1, risks.beta)) <= most_k(n, risks.p0, risks.alpha);
  };
  std::uint32_t no = 1, yes = 2;  // it does not hold for `no`
  while (!holds(yes)) {
    if (yes > kMost) return std::nullopt;
    no = yes;
    yes *= 2;
  }
  while (yes - no > 1) {
    const std::uint32_t middle = no + (yes - no) / 2;
    (holds(middle) ? yes : no) = middle;
  }
  const double k = upwards(variables_k(yes, risks.p1, risks.beta));
  return VariablesPlan{yes, k, 1 - variables_accepted(yes, k, risks.p0), variables_accepted(yes, k, risks.p1)};
}

}  // namespace geomsu::stats
