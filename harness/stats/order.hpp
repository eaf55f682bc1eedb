// Order statistics and distribution-free bounds of a quantile: what a clause is judged by.
//
// Whatever the distribution, the number of samples at or below the p-quantile is Binomial(n, p) (for a distribution
// with steps the bounds only grow safer). So the largest X_(r) with P(Binomial(n, p) >= r) >= confidence lies at or
// below the quantile with at least that confidence, and the smallest X_(s) with P(Binomial(n, p) <= s - 1) >=
// confidence at or above it. No normality, no mean, no resampling; the exact level is known. Hahn & Meeker,
// "Statistical Intervals" (1991), 5.2; Conover, "Practical Nonparametric Statistics" (3rd ed.), 3.2.
//
// The samples must be independent and of one distribution, and n fixed before the first: n chosen after looking breaks
// the level.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace geomsu::stats {

enum class Statistic { kMedian, kP05, kP95, kMin, kMax };
std::string_view to_string(Statistic statistic);  // "median", "p05", "p95", "min", "max"
std::optional<Statistic> parse_statistic(std::string_view text);
double quantile_of(Statistic statistic);  // 0.5, 0.05, 0.95; 0 and 1 of the observed extremes

// 1-based ranks of the order statistics that are the one-sided lower and upper confidence bounds, and their exact
// levels, which are at least the confidence asked for.
struct BoundRanks {
  std::size_t lower = 0;
  std::size_t upper = 0;
  double lower_level = 0;
  double upper_level = 0;
};

// Of the q-quantile. Nothing where either bound does not exist (the median at 95 % wants n >= 5, p05 wants 59), q is
// outside [0, 1], or the confidence is outside [0.5, 1): below one half the lower bound could pass the upper. q of 0
// and 1, min and max, are the observed extremes, of level 1 and without an interval: ranks 1, 1 and n, n.
std::optional<BoundRanks> bound_ranks(double q, std::size_t n, double confidence);
std::optional<BoundRanks> bound_ranks(Statistic statistic, std::size_t n, double confidence);

// The least n for which both bounds exist, for the words of a refusal; 0 where none up to 10^15 would do (a quantile or
// a confidence out of range, or nearly so).
std::size_t smallest_n(double q, double confidence);
std::size_t smallest_n(Statistic statistic, double confidence);

struct Bounds {
  double lower = 0;
  double upper = 0;
  double estimate = 0;
  double lower_level = 0;
  double upper_level = 0;
};

// The order of the samples does not matter. Nothing where bound_ranks gives nothing or a sample is NaN or infinite.
std::optional<Bounds> bounds(Statistic statistic, std::span<const double> samples, double confidence);
std::optional<Bounds> bounds(double q, std::span<const double> samples, double confidence);

// As above, with the ranks of samples.size() at hand: they depend on no sample, and whoever judges many units of one
// clause asks for them once. Nothing where the ranks are not of so many samples.
std::optional<Bounds> bounds(double q, std::span<const double> samples, const BoundRanks& ranks);

// The mean of the middle two where n is even; NaN of no samples, or where one is NaN.
double median(std::span<const double> samples);

// Type 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996): linear
// between the order statistics around h = (n - 1) q + 1. The default of R, NumPy and spreadsheets (PERCENTILE.INC), so
// that a reader recomputes the same figure. It is an estimate alone: what is judged are the bounds. NaN of no samples,
// where one is NaN, or q outside [0, 1].
double quantile(std::span<const double> samples, double q);

}  // namespace geomsu::stats
