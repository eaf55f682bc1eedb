// On which side of its bar an interval lies: the one place that says so, for the judge and for the run that asks
// whether it may stop or must go on.
#pragma once

#include "harness/contract/contract.hpp"

namespace geomsu {

// kBeyond: wholly below a lower bar or wholly above an upper one, of `between` on one side. kUndecided: it straddles.
enum class Side { kMeets, kBeyond, kUndecided };

// Bounds in the bar's SI unit, lower <= upper. A bound on the bar meets it.
Side side_of(const Clause& clause, double lower, double upper);

// How far the interval's worse end lies inside the bar; negative outside. For an order of units by how near they are.
double margin(const Clause& clause, double lower, double upper);

}  // namespace geomsu
