// A unit against its fleet: how far its median lies from the others', and its whole distribution from the typical one.
// Findings, not judgements: nothing here has a level.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace geomsu::stats {

// The median absolute deviation from the median, not scaled. Nothing of no samples, or where one is not finite.
std::optional<double> mad(std::span<const double> samples);

// (x - median) / (1.4826 MAD), in standard deviations where the fleet is normal. Hampel, "The Influence Curve and Its
// Role in Robust Estimation", Journal of the American Statistical Association 69 (1974). Absent for all where MAD is 0
// (more than half of the fleet are equal): the usual stand-in, the mean absolute deviation, makes any difference
// however small z = n / 1.25 where the others are equal, so one tick of a timer would be an outlier. A sample that is
// not finite has no z and does not count among the others.
std::vector<std::optional<double>> robust_z(std::span<const double> samples);

// The 1-Wasserstein distance of two samples of any length, each sorted upward: the area between their distribution
// functions, or the mean distance of their quantiles, in the unit of the samples. NaN where one is empty or a sample is
// not finite.
double wasserstein1(std::span<const double> a, std::span<const double> b);

struct Cohort {
  std::size_t medoid = 0;                        // the unit with the least sum of distances to all others
  std::vector<std::optional<double>> distances;  // to the medoid, over the medoid's mean |quantile|
};

// `sketches`: of each unit `width` quantiles at the same, evenly spread levels, upward, unit after unit. The distance
// of two units is the mean distance of their quantiles (wasserstein1 of the sketches), and normalised by the medoid's
// own distance to zero: 0.1 is a tenth of the way from the typical unit to nothing. The medoid is exact in O(n log n):
// a sum of distances of quantiles is a sum over levels, and each level's is known once it is sorted. Of equal sums the
// one with the lesser quantiles is taken, so that neither names nor order matter.
//
// A unit with a number that is not finite has no distance and is no medoid; no unit has one where the medoid is zero.
// Nothing where width is 0, the sketches are no multiple of it, or no unit is left.
std::optional<Cohort> cohort(std::span<const float> sketches, std::size_t width);

}  // namespace geomsu::stats
