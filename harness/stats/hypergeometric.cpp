#include "harness/stats/hypergeometric.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace geomsu::stats {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Masses of consecutive counts from `first` on, as multiples of the mode's.
struct Masses {
  std::int64_t first = 0, mode = 0;
  std::vector<long double> mass;

  std::int64_t last() const { return first + static_cast<std::int64_t>(mass.size()) - 1; }

  // Of the counts from a to b. They grow up to the mode and shrink after it: each side from its far end.
  long double sum(std::int64_t a, std::int64_t b) const {
    a = std::max(a, first);
    b = std::min(b, last());
    long double below = 0, above = 0;
    for (std::int64_t k = a; k <= std::min(b, mode); ++k) below += mass[static_cast<std::size_t>(k - first)];
    for (std::int64_t k = b; k >= std::max(a, mode + 1); --k) above += mass[static_cast<std::size_t>(k - first)];
    return below + above;
  }
  double share(std::int64_t a, std::int64_t b) const {
    const long double inside = sum(a, b), below = sum(first, a - 1), above = sum(b + 1, last());
    return static_cast<double>(inside / (inside + (below + above)));
  }
};

// step(k) = mass(k + 1) / mass(k), for least <= k < most.
template <typename Step>
Masses outward(std::int64_t least, std::int64_t most, std::int64_t mode, Step step) {
  constexpr long double kNegligible = 1e-300L;
  std::vector<long double> below;
  long double term = 1;
  for (std::int64_t k = mode; k > least && term > kNegligible; --k) {
    term /= step(k - 1);
    below.push_back(term);
  }
  Masses result{mode - static_cast<std::int64_t>(below.size()), mode, {below.rbegin(), below.rend()}};
  result.mass.push_back(1);
  term = 1;
  for (std::int64_t k = mode; k < most && term > kNegligible; ++k) {
    term *= step(k);
    result.mass.push_back(term);
  }
  return result;
}

bool possible(const Lot& lot) { return lot.nonconforming <= lot.items && lot.drawn <= lot.items; }

Masses masses(const Lot& lot) {
  const auto items = static_cast<std::int64_t>(lot.items), bad = static_cast<std::int64_t>(lot.nonconforming),
             drawn = static_cast<std::int64_t>(lot.drawn);
  const std::int64_t least = std::max<std::int64_t>(0, drawn + bad - items), most = std::min(drawn, bad);
  const auto mode = static_cast<std::int64_t>(static_cast<long double>(drawn + 1) * static_cast<long double>(bad + 1) /
                                              static_cast<long double>(items + 2));
  return outward(least, most, std::clamp(mode, least, most), [=](std::int64_t k) {
    return static_cast<long double>(bad - k) * static_cast<long double>(drawn - k) /
           (static_cast<long double>(k + 1) * static_cast<long double>(items - bad - drawn + k + 1));
  });
}

Masses masses(std::uint64_t n, double p) {
  const auto most = static_cast<std::int64_t>(n);
  const long double odds = static_cast<long double>(p) / (1.0L - static_cast<long double>(p));
  const auto mode = static_cast<std::int64_t>(static_cast<long double>(n + 1) * static_cast<long double>(p));
  return outward(0, most, std::clamp<std::int64_t>(mode, 0, most), [=](std::int64_t k) {
    return static_cast<long double>(most - k) * odds / static_cast<long double>(k + 1);
  });
}

}  // namespace

double hypergeometric_pmf(const Lot& lot, std::int64_t k) {
  if (!possible(lot)) return kNan;
  const Masses all = masses(lot);
  return all.share(k, k);
}

double hypergeometric_cdf(const Lot& lot, std::int64_t k) {
  if (!possible(lot)) return kNan;
  const Masses all = masses(lot);
  return all.share(all.first, k);
}

double hypergeometric_tail(const Lot& lot, std::int64_t k) {
  if (!possible(lot)) return kNan;
  const Masses all = masses(lot);
  return all.share(std::max(all.first, k + 1), all.last());
}

double binomial_cdf(std::uint64_t n, double p, std::int64_t k) {
  if (!(p >= 0 && p <= 1)) return kNan;
  if (p == 0) return k >= 0 ? 1 : 0;
  if (p == 1) return k >= static_cast<std::int64_t>(n) ? 1 : 0;
  const Masses all = masses(n, p);
  return all.share(all.first, k);
}

double binomial_tail(std::uint64_t n, double p, std::int64_t k) {
  if (!(p >= 0 && p <= 1)) return kNan;
  if (p == 0 || p == 1) return 1 - binomial_cdf(n, p, k);
  const Masses all = masses(n, p);
  return all.share(std::max(all.first, k + 1), all.last());
}

}  // namespace geomsu::stats
