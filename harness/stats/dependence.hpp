// Whether samples that were taken over time are samples of one thing: their autocorrelation, whether groups of them
// differ, whether they drift. The bounds of order.hpp hold for independent samples of one distribution only.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace geomsu::stats {

// Every k-th sample from the first on; of k = 0 and 1 all. Where neighbours depend on each other as x[t+1] = phi x[t] +
// noise, what is left has phi^k. k is fixed before the first sample: chosen after looking, it would choose the answer.
std::vector<double> thinned(std::span<const double> samples, std::size_t k);

// sum (x[t] - m)(x[t+1] - m) / sum (x[t] - m)^2, the lag-1 autocorrelation of Box & Jenkins. Of n independent samples
// it lies about -1/n with a standard deviation of about 1/sqrt(n): over 0.2 in about one of ten series of 30, one of
// twenty of 60, one of eighty of 120. Nothing for fewer than three samples, equal ones, or one that is not finite.
std::optional<double> lag1_autocorrelation(std::span<const double> samples);

struct KruskalWallis {
  double h = 0;  // with the correction for ties
  double p = 1;  // by the chi-square distribution with one degree of freedom less than groups
};
// Whether groups are of one distribution, by ranks: Kruskal & Wallis, "Use of Ranks in One-Criterion Variance
// Analysis", Journal of the American Statistical Association 47 (1952). The chi-square is good from about five samples
// a group on. Nothing for fewer than two groups, an empty one, samples that are all equal, or one that is not finite.
std::optional<KruskalWallis> kruskal_wallis(std::span<const std::vector<double>> groups);

// P(X > x) of the chi-square distribution; 1 for x <= 0, NaN without degrees of freedom.
double chi_square_tail(double x, unsigned degrees);

struct Trend {
  double slope = 0;  // of the samples over their times, Theil-Sen: the median slope of all pairs
  double p = 1;      // Mann-Kendall, two-sided, normal approximation with the correction for ties and continuity
};
// Mann, "Nonparametric Tests Against Trend", Econometrica 13 (1945); Sen, Journal of the American Statistical
// Association 63 (1968). Beyond 600 samples the slope is that of 600 of them, evenly picked. Nothing for fewer than
// four samples, times that do not increase, or a number that is not finite.
std::optional<Trend> trend(std::span<const double> times, std::span<const double> samples);

}  // namespace geomsu::stats
