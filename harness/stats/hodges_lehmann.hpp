// How much faster one thing is than another that was not timed beside it: two samples, unpaired.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace geomsu::stats {

struct HodgesLehmann {
  double ratio = 0;  // median of all a[i] / b[j]; of an even count the geometric mean of the middle two
  double lower = 0, upper = 0;
  double level = 0;   // of both bounds together, >= the confidence
  bool exact = true;  // else the ranks are the normal distribution's (mann_whitney.hpp)
};

// Hodges & Lehmann's estimator, "Estimates of Location Based on Rank Tests", Annals of Mathematical Statistics 34
// (1963), of the shift between the logarithms, and its distribution-free interval of Mann-Whitney ranks: Hollander &
// Wolfe, "Nonparametric Statistical Methods" (2nd ed.), 4.2 and 4.3. Swapped samples give the reciprocals. It assumes
// independent samples of two distributions of one shape on a logarithmic scale; where the shapes differ it is still the
// median ratio, without the level. Ties make the interval only safer.
//
// The m n ratios are never held: each bound takes 64 passes over the two sorted samples. Nothing where a sample is not
// positive and finite, too few (four a side at 95 %), or the confidence is outside [0, 1).
std::optional<HodgesLehmann> hodges_lehmann(std::span<const double> a, std::span<const double> b, double confidence);

}  // namespace geomsu::stats
