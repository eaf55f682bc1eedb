#include "harness/money/per_won.hpp"

#include <cmath>
#include <cstdint>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

__extension__ using Wide = unsigned __int128;

// value = fraction * 2^exponent, exactly.
struct Binary {
  std::uint64_t fraction = 0;
  int exponent = 0;
};

Binary split(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return {static_cast<std::uint64_t>(std::ldexp(fraction, 53)), exponent - 53};
}

}  // namespace

double per_won(double si_value, Won price) {
  if (price.value <= 0) {
    throw Error(ErrorCode::kBadData, "a figure per won wants a price above zero, and this is " + won_digits(price));
  }
  return si_value / static_cast<double>(price.value);
}

std::optional<Won> break_even_price(double figure, double bar_per_won) {
  if (!std::isfinite(figure) || !std::isfinite(bar_per_won) || figure <= 0 || bar_per_won <= 0) return std::nullopt;
  const Binary top = split(figure), bottom = split(bar_per_won);
  const int shift = top.exponent - bottom.exponent;
  // Fractions lie in [2^52, 2^53): a quotient within 1 .. 10^18 < 2^60 means a shift within -53 .. 61.
  if (shift < -53 || shift > 61) return std::nullopt;
  const Wide numerator = shift > 0 ? Wide{top.fraction} << shift : Wide{top.fraction};
  const Wide denominator = shift < 0 ? Wide{bottom.fraction} << -shift : Wide{bottom.fraction};
  const Wide price = numerator / denominator;
  if (price == 0 || price > static_cast<Wide>(kMostWon.value)) return std::nullopt;
  return Won{static_cast<std::int64_t>(price)};
}

}  // namespace geomsu
