#include "harness/stats/lot_plan.hpp"

#include <algorithm>
#include <cmath>

#include "harness/stats/hypergeometric.hpp"

namespace geomsu::stats {
namespace {

constexpr std::uint64_t kMostOfEndless = 10'000'000;
constexpr double kTwelveDigits = 1e-12;

bool are_risks(const PlanRisks& risks) {
  const auto share = [](double p) { return p >= 0 && p <= 1; };
  return share(risks.p0) && share(risks.p1) && share(risks.alpha) && risks.beta > 0 && risks.beta < 1;
}

// The least n of from .. to for which `holds`, which never stops to hold as n grows; to + 1 where it holds for none.
// In growing steps and then by halves: the answer is near where the search begins.
template <typename Holds>
std::uint64_t least(std::uint64_t from, std::uint64_t to, Holds holds) {
  if (from > to) return to + 1;
  std::uint64_t no = from, yes = from;  // after the first loop: it holds for `yes`, and for nothing under `no`
  for (std::uint64_t step = 1; !holds(yes); step *= 2) {
    if (yes == to) return to + 1;
    no = yes + 1;
    yes = std::min(to, yes + step);
  }
  while (no < yes) {
    const std::uint64_t middle = no + (yes - no) / 2;
    if (holds(middle)) {
      yes = middle;
    } else {
      no = middle + 1;
    }
  }
  return yes;
}

struct Found {
  std::uint64_t n, ac;
};

// accepted_bad(n, c) falls with n and rises with c; so does the least n that meets beta rise with c, and the first c
// whose n meets alpha has the smallest n of all.
template <typename Accepted, typename Rejected>
std::optional<Found> search(std::uint64_t most_n, std::uint64_t most_c, const PlanRisks& risks, Accepted accepted_bad,
                            Rejected rejected_good) {
  std::uint64_t n = 1;
  for (std::uint64_t c = 0; c <= most_c; ++c) {
    n = least(std::max(n, c + 1), most_n, [&](std::uint64_t m) { return accepted_bad(m, c) <= risks.beta; });
    if (n > most_n) return std::nullopt;
    if (rejected_good(n, c) <= risks.alpha) return Found{n, c};
  }
  return std::nullopt;
}

}  // namespace

std::uint32_t most_within(double p, std::uint32_t lot) {
  if (!(p > 0)) return 0;
  return static_cast<std::uint32_t>(std::min<double>(lot, std::floor(p * lot * (1 + kTwelveDigits))));
}

std::uint32_t least_reaching(double p, std::uint32_t lot) {
  if (!(p > 0)) return 0;
  return static_cast<std::uint32_t>(std::min<double>(lot, std::ceil(p * lot * (1 - kTwelveDigits))));
}

std::optional<LotPlan> exact_plan(const PlanRisks& risks, std::uint32_t lot) {
  if (!are_risks(risks) || lot == 0) return std::nullopt;
  const std::uint32_t good = most_within(risks.p0, lot), bad = least_reaching(risks.p1, lot);
  if (bad <= good) return std::nullopt;
  const auto accepted_bad = [&](std::uint64_t n, std::uint64_t c) {
    return hypergeometric_cdf({lot, bad, n}, static_cast<std::int64_t>(c));
  };
  const auto rejected_good = [&](std::uint64_t n, std::uint64_t c) {
    return hypergeometric_tail({lot, good, n}, static_cast<std::int64_t>(c));
  };
  const auto found = search(lot, bad - 1, risks, accepted_bad, rejected_good);
  if (!found) return std::nullopt;
  return LotPlan{static_cast<std::uint32_t>(found->n), static_cast<std::uint32_t>(found->ac), good, bad,
                 rejected_good(found->n, found->ac),   accepted_bad(found->n, found->ac)};
}

std::optional<LotPlan> infinite_plan(const PlanRisks& risks) {
  if (!are_risks(risks) || risks.p0 >= risks.p1) return std::nullopt;
  const auto accepted_bad = [&](std::uint64_t n, std::uint64_t c) {
    return binomial_cdf(n, risks.p1, static_cast<std::int64_t>(c));
  };
  const auto rejected_good = [&](std::uint64_t n, std::uint64_t c) {
    return binomial_tail(n, risks.p0, static_cast<std::int64_t>(c));
  };
  const auto found = search(kMostOfEndless, kMostOfEndless, risks, accepted_bad, rejected_good);
  if (!found) return std::nullopt;
  return LotPlan{static_cast<std::uint32_t>(found->n), static_cast<std::uint32_t>(found->ac), 0, 0,
                 rejected_good(found->n, found->ac),   accepted_bad(found->n, found->ac)};
}

std::optional<std::uint32_t> smallest_sample(std::uint32_t lot, std::uint32_t bad, std::uint32_t ac, double beta) {
  if (bad > lot || bad <= ac || !(beta > 0 && beta < 1)) return std::nullopt;
  return static_cast<std::uint32_t>(least(ac + 1, lot, [&](std::uint64_t n) {
    return hypergeometric_cdf({lot, bad, n}, ac) <= beta;
  }));
}

}  // namespace geomsu::stats
