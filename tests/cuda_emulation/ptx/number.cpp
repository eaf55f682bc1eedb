#include "tests/cuda_emulation/ptx/number.hpp"

#include <cmath>
#include <limits>

#include "tests/cuda_emulation/ptx/type.hpp"

namespace geomsu::emulation::ptx {

double widen(std::uint64_t bits, const Format& format) {
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const auto exponent = static_cast<int>(bits >> format.mantissa_bits & ((1U << format.exponent_bits) - 1));
  const auto mantissa = static_cast<std::int64_t>(bits & ((1ULL << format.mantissa_bits) - 1));
  const bool negative = (bits >> (bits_of(format) - 1) & 1) != 0;
  const bool top = exponent == (1 << format.exponent_bits) - 1;
  double magnitude = 0;
  if (top && format.infinity)
    magnitude = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  else if (top && mantissa == (1 << format.mantissa_bits) - 1)
    magnitude = std::numeric_limits<double>::quiet_NaN();
  else if (exponent == 0)
    magnitude = std::ldexp(static_cast<double>(mantissa), 1 - bias - format.mantissa_bits);
  else
    magnitude = std::ldexp(static_cast<double>(mantissa + (std::int64_t{1} << format.mantissa_bits)),
                           exponent - bias - format.mantissa_bits);
  return negative ? -magnitude : magnitude;
}

std::uint64_t narrow(double value, const Format& format, Rounding rounding, bool saturate) {
  const int m = format.mantissa_bits;
  const std::uint64_t all_ones = (1ULL << (bits_of(format) - 1)) - 1;
  if (std::isnan(value)) return all_ones;
  const std::uint64_t largest = format.infinity ? (((1ULL << format.exponent_bits) - 1) << m) - 1 : all_ones - 1;
  const std::uint64_t sign = std::signbit(value) ? 1ULL << (bits_of(format) - 1) : 0;
  const std::uint64_t beyond = saturate ? largest : largest + 1;  // infinity, or NaN where there is none
  if (std::isinf(value)) return sign | beyond;
  if (value == 0) return sign;

  int exponent = 0;
  const auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::fabs(value), &exponent), 53));
  const int least = 2 - (1 << (format.exponent_bits - 1));  // of normal numbers
  const int above = exponent - 1 - least;                   // negative: subnormal
  const int drop = 52 - m + (above < 0 ? -above : 0);
  std::uint64_t kept = 0;
  bool half = false, rest = true;
  if (drop <= 54) {
    kept = mantissa >> drop;
    half = (mantissa >> (drop - 1) & 1) != 0;
    rest = (mantissa & ((1ULL << (drop - 1)) - 1)) != 0;
  }
  bool up = false;
  switch (rounding) {
    case Rounding::kNearest:
      up = half && (rest || (kept & 1) != 0);
      break;
    case Rounding::kAway:
      up = half;
      break;
    case Rounding::kZero:
      break;
    case Rounding::kDown:
      up = sign != 0 && (half || rest);
      break;
    case Rounding::kUp:
      up = sign == 0 && (half || rest);
      break;
  }
  // A carry out of the mantissa lands in the exponent, where it belongs.
  const std::uint64_t code = (above > 0 ? static_cast<std::uint64_t>(above) << m : 0) + kept + (up ? 1 : 0);
  if (code <= largest) return sign | code;
  const bool inward = rounding == Rounding::kZero || (rounding == Rounding::kDown && sign == 0) ||
                      (rounding == Rounding::kUp && sign != 0);
  return sign | (inward ? largest : beyond);
}

double add_odd(double a, double b) {
  const double sum = a + b;
  if (!std::isfinite(sum)) return sum;
  const double part = sum - a;
  const double error = (a - (sum - part)) + (b - part);
  std::uint64_t word = bits(sum);
  if (error == 0 || (word & 1) != 0) return sum;
  word = (error > 0) == (sum > 0) ? word + 1 : word - 1;
  return ptx::value<double>(word);
}

double odd_of(std::uint64_t magnitude) {
  if (magnitude >> 53 == 0) return static_cast<double>(magnitude);
  const int shift = 11 - __builtin_clzll(magnitude);
  const std::uint64_t kept = magnitude >> shift, lost = magnitude & ((1ULL << shift) - 1);
  return std::ldexp(static_cast<double>(kept | (lost != 0 ? 1 : 0)), shift);
}

}  // namespace geomsu::emulation::ptx
