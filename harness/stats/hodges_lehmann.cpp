#include "harness/stats/hodges_lehmann.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/stats/mann_whitney.hpp"

namespace geomsu::stats {
namespace {

bool all_positive(std::span<const double> samples) {
  return std::all_of(samples.begin(), samples.end(), [](double x) { return x > 0 && std::isfinite(x); });
}

std::vector<double> sorted(std::span<const double> samples) {
  std::vector<double> copy(samples.begin(), samples.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

// The ratios of all pairs of two sorted samples, ordered but never written down.
class Ratios {
 public:
  Ratios(std::span<const double> a, std::span<const double> b) : a_(sorted(a)), b_(sorted(b)) {}

  std::size_t count() const { return a_.size() * b_.size(); }

  // The k-th smallest, from 1: bisection over the doubles themselves, whose bits are in their order where they are
  // positive. The rounded quotient rises with a and falls with b, so what is at most `most` is a staircase.
  double kth(std::size_t k) const {
    auto low = std::bit_cast<std::uint64_t>(a_.front() / b_.back());
    auto high = std::bit_cast<std::uint64_t>(a_.back() / b_.front());
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (at_most(std::bit_cast<double>(middle)) >= k) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return std::bit_cast<double>(low);
  }

 private:
  std::size_t at_most(double most) const {
    std::size_t pairs = 0, j = 0;
    for (const double a : a_) {
      while (j < b_.size() && a / b_[j] > most) ++j;
      pairs += b_.size() - j;
    }
    return pairs;
  }

  std::vector<double> a_, b_;
};

}  // namespace

std::optional<HodgesLehmann> hodges_lehmann(std::span<const double> a, std::span<const double> b, double confidence) {
  if (!(confidence >= 0 && confidence < 1) || !all_positive(a) || !all_positive(b)) return std::nullopt;
  const auto found = mann_whitney_rank(a.size(), b.size(), (1 + confidence) / 2);
  if (!found) return std::nullopt;
  const Ratios ratios(a, b);
  const std::size_t pairs = ratios.count();
  HodgesLehmann result;
  result.lower = ratios.kth(found->rank);
  result.upper = ratios.kth(pairs + 1 - found->rank);
  const double middle = ratios.kth(pairs / 2 + 1);
  // Root by root, because the product may overflow; equal ones as they are.
  const double below = pairs % 2 == 1 ? middle : ratios.kth(pairs / 2);
  result.ratio = below == middle ? middle : std::sqrt(below) * std::sqrt(middle);
  if (!std::isfinite(result.upper) || !(result.lower > 0)) return std::nullopt;
  result.level = 2 * found->level - 1;
  result.exact = a.size() <= kExactMannWhitney && b.size() <= kExactMannWhitney;
  return result;
}

}  // namespace geomsu::stats
