// Figures per won, and the price at which a figure would just meet its bar.
#pragma once

#include <optional>

#include "harness/money/won.hpp"

namespace geomsu {

// si_value / won in a double. Amounts above 2^53 won (9,007조원) are rounded to the nearest double first: one part in
// 10^16. Error kBadData where the price is not above zero.
double per_won(double si_value, Won price);

// The highest whole price at which figure / price >= bar_per_won: floor(figure / bar_per_won), exact for the two
// doubles as they are (their 53-bit fractions are divided as integers), so per_won(figure, price) never falls under the
// bar at this price up to 2^53 won. One won more misses the bar in exact arithmetic; per_won's own rounding may still
// show them equal. Nothing where either is not finite and above zero, the price would be under one won, or over 10^18.
std::optional<Won> break_even_price(double figure, double bar_per_won);

}  // namespace geomsu
