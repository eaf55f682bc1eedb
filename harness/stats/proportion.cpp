#include "harness/stats/proportion.hpp"

#include <boost/math/special_functions/beta.hpp>

#include "harness/stats/boost_policy.hpp"

namespace geomsu::stats {
namespace {

// The share p at which P(Binomial(n, p) >= k) is `error`, for 0 < k <= n: that tail is the incomplete beta function
// I_p(k, n - k + 1).
double share_of_tail(std::size_t k, std::size_t n, double error) {
  return boost::math::ibeta_inv(static_cast<double>(k), static_cast<double>(n - k + 1), error, Quiet());
}

bool answerable(std::size_t successes, std::size_t n, double confidence) {
  return n > 0 && successes <= n && confidence > 0 && confidence < 1;
}

}  // namespace

std::optional<double> share_at_least(std::size_t successes, std::size_t n, double confidence) {
  if (!answerable(successes, n, confidence)) return std::nullopt;
  return successes == 0 ? 0 : share_of_tail(successes, n, 1 - confidence);
}

std::optional<double> share_at_most(std::size_t successes, std::size_t n, double confidence) {
  if (!answerable(successes, n, confidence)) return std::nullopt;
  // The failures' lower bound, from the other end; not 1 minus it, which would lose the digits of a small share.
  if (successes == n) return 1;
  return boost::math::ibetac_inv(static_cast<double>(successes + 1), static_cast<double>(n - successes), 1 - confidence,
                                 Quiet());
}

std::optional<ShareInterval> clopper_pearson(std::size_t successes, std::size_t n, double confidence) {
  if (!answerable(successes, n, confidence)) return std::nullopt;
  const double each = (1 + confidence) / 2;
  return ShareInterval{static_cast<double>(successes) / static_cast<double>(n), *share_at_least(successes, n, each),
                       *share_at_most(successes, n, each)};
}

}  // namespace geomsu::stats
