// Several tests on one unit: which rejections hold together.
#pragma once

#include <span>
#include <vector>

namespace geomsu::stats {

// Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979): the
// smallest p is held against alpha / m, the next against alpha / (m - 1), and so on until one is larger. The chance of
// any false rejection is at most alpha, however the tests depend on each other. In the order of `p`; equal p have equal
// answers. A p that is NaN counts among the m and is never rejected. Nothing is rejected where alpha is not in (0, 1).
std::vector<bool> holm_rejects(std::span<const double> p, double alpha);

// The smallest alpha at which holm_rejects would reject each, at most 1; NaN where p is.
std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace geomsu::stats
