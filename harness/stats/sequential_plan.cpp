#include "harness/stats/sequential_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace geomsu::stats {
namespace {

// log of (P of a sequence with d bad of n, given `bad` in the lot) over (the same, given `good`):
// C(N - n, bad - d) / C(N, bad) over C(N - n, good - d) / C(N, good).
class LogRatio {
 public:
  LogRatio(std::uint32_t lot, std::uint32_t good, std::uint32_t bad)
      : lot_(lot), good_(good), bad_(bad), log_(lot + 1) {
    for (std::uint32_t i = 1; i <= lot; ++i) log_[i] = log_[i - 1] + std::log(static_cast<long double>(i));
    never_ = choose(lot, good) - choose(lot, bad);
  }
  long double operator()(std::uint32_t n, std::uint32_t d) const {
    constexpr long double kInfinite = std::numeric_limits<long double>::infinity();
    if (d > good_) return kInfinite;             // more than a good lot has
    if (bad_ - d > lot_ - n) return -kInfinite;  // fewer than a bad lot must have given
    return never_ + choose(lot_ - n, bad_ - d) - choose(lot_ - n, good_ - d);
  }

 private:
  long double choose(std::uint32_t n, std::uint32_t k) const { return log_[n] - log_[k] - log_[n - k]; }

  std::uint32_t lot_, good_, bad_;
  std::vector<long double> log_;  // of factorials
  long double never_ = 0;
};

// Paths that are neither accepted nor rejected, by their nonconforming items.
struct Walk {
  std::vector<long double> alive;  // at index d
  long double accepted = 0, expected = 0;
};

// Up to the truncation, whose own boundary the caller applies.
Walk walk(const SequentialPlan& plan, std::uint32_t nonconforming) {
  Walk result;
  result.alive.assign(static_cast<std::size_t>(std::min(plan.truncation, nonconforming)) + 2, 0);
  result.alive[0] = 1;
  std::size_t low = 0, high = 0;  // of what is alive
  for (std::uint32_t n = 1; n <= plan.truncation; ++n) {
    const long double left = plan.lot - (n - 1);
    long double going = 0;
    for (std::size_t d = high + 2; d-- > low;) {
      if (d >= result.alive.size()) continue;
      long double here = 0;
      if (d <= high) {
        const long double bad = static_cast<long double>(nonconforming) - static_cast<long double>(d);
        going += result.alive[d];
        here += result.alive[d] * std::max<long double>(0, (left - bad) / left);
      }
      if (d > low) {
        const long double bad = static_cast<long double>(nonconforming) - static_cast<long double>(d - 1);
        here += result.alive[d - 1] * (bad / left);
      }
      result.alive[d] = here;
    }
    high = std::min(high + 1, result.alive.size() - 1);
    result.expected += going;
    if (n == plan.truncation) break;
    for (; low <= high && static_cast<std::int32_t>(low) <= plan.accept[n]; ++low) {
      result.accepted += result.alive[low];
      result.alive[low] = 0;
    }
    for (; high > low && static_cast<std::int32_t>(high) >= plan.reject[n]; --high) result.alive[high] = 0;
    if (low > high) break;
    if (static_cast<std::int32_t>(low) >= plan.reject[n]) {
      result.alive[low] = 0;
      break;
    }
  }
  return result;
}

long double accepted_at_truncation(const Walk& walk, std::int32_t ac) {
  long double sum = 0;
  for (std::size_t d = 0; d < walk.alive.size() && static_cast<std::int32_t>(d) <= ac; ++d) sum += walk.alive[d];
  return walk.accepted + sum;
}

std::optional<SequentialPlan> bounded(SequentialPlan plan, const PlanRisks& risks, long double low, long double high) {
  const LogRatio ratio(plan.lot, plan.good, plan.bad);
  plan.accept.assign(1, -1);
  plan.reject.assign(1, 1);
  std::int32_t accept = -1, reject = 0;
  for (std::uint32_t n = 1; n <= plan.truncation; ++n) {
    const auto most = static_cast<std::int32_t>(n);
    while (accept < most && ratio(n, static_cast<std::uint32_t>(accept + 1)) <= low) ++accept;
    while (reject <= most && ratio(n, static_cast<std::uint32_t>(reject)) < high) ++reject;
    plan.accept.push_back(accept);
    plan.reject.push_back(reject);
  }
  const Walk good = walk(plan, plan.good), bad = walk(plan, plan.bad);
  for (std::int32_t ac = accept; ac < reject; ++ac) {
    plan.producer_risk = static_cast<double>(std::max<long double>(0, 1 - accepted_at_truncation(good, ac)));
    plan.consumer_risk = static_cast<double>(accepted_at_truncation(bad, ac));
    if (plan.producer_risk > risks.alpha || plan.consumer_risk > risks.beta) continue;
    plan.accept.back() = ac;
    plan.reject.back() = ac + 1;
    return plan;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SequentialPlan> sequential_plan(const PlanRisks& risks, std::uint32_t lot, std::uint32_t truncation) {
  const auto inside = [](double p) { return p > 0 && p < 1; };
  if (!inside(risks.alpha) || !inside(risks.beta) || risks.alpha + risks.beta >= 1) return std::nullopt;
  const std::optional<LotPlan> single = exact_plan(risks, lot);
  if (!single) return std::nullopt;
  SequentialPlan plan;
  plan.lot = lot;
  plan.truncation = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(lot, truncation == 0 ? std::uint64_t{2} * single->n : truncation));
  plan.good = single->good;
  plan.bad = single->bad;
  const auto alpha = static_cast<long double>(risks.alpha), beta = static_cast<long double>(risks.beta);
  if (auto found = bounded(plan, risks, std::log(beta / (1 - alpha)), std::log((1 - beta) / alpha))) return found;
  return bounded(plan, risks, std::log(beta), -std::log(alpha));
}

SequentialPoint sequential_point(const SequentialPlan& plan, std::uint32_t nonconforming) {
  const Walk walked = walk(plan, std::min(nonconforming, plan.lot));
  return {static_cast<double>(accepted_at_truncation(walked, plan.accept.back())),
          static_cast<double>(walked.expected)};
}

}  // namespace geomsu::stats
