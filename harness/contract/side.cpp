#include "harness/contract/side.hpp"

#include <algorithm>
#include <limits>

namespace geomsu {

Side side_of(const Clause& clause, double lower, double upper) {
  const std::optional<double> low = clause.low_bar(), high = clause.high_bar();
  if ((low && upper < *low) || (high && lower > *high)) return Side::kBeyond;
  const bool meets = (!low || lower >= *low) && (!high || upper <= *high);
  return meets && (low || high) ? Side::kMeets : Side::kUndecided;
}

double margin(const Clause& clause, double lower, double upper) {
  const std::optional<double> low = clause.low_bar(), high = clause.high_bar();
  double least = std::numeric_limits<double>::infinity();
  if (low) least = std::min(least, lower - *low);
  if (high) least = std::min(least, *high - upper);
  return least;
}

}  // namespace geomsu
