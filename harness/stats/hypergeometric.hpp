// How many nonconforming items a sample holds: drawn without replacement from a finite lot (hypergeometric), or from
// one without end (binomial).
//
// Exact to a few units of the 64-bit mantissa for lots up to 10^6: masses by the ratio of neighbours outward from the
// mode, summed small ones first, divided by their sum. Sums of log-gamma lose digits as the lot grows. What is below
// 1e-300 of the mode's mass is 0.
#pragma once

#include <cstdint>

namespace geomsu::stats {

// A lot of `items`, of which `nonconforming` are bad, and a sample of `drawn` of them.
struct Lot {
  std::uint64_t items = 0, nonconforming = 0, drawn = 0;
};

// Of X, the bad ones in the sample. NaN where more are bad or drawn than there are items.
double hypergeometric_pmf(const Lot& lot, std::int64_t k);   // P(X = k)
double hypergeometric_cdf(const Lot& lot, std::int64_t k);   // P(X <= k)
double hypergeometric_tail(const Lot& lot, std::int64_t k);  // P(X > k), summed and not subtracted from 1

// Of a sample of n from a lot without end, of which a share p is bad. NaN for p outside [0, 1].
double binomial_cdf(std::uint64_t n, double p, std::int64_t k);
double binomial_tail(std::uint64_t n, double p, std::int64_t k);

}  // namespace geomsu::stats
