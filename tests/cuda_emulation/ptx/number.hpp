// Floating-point formats on the CPU: exact widening to double, exactly rounded narrowing from it.
//
// A double that carries a value which a double cannot hold is rounded to odd (its last bit is set where it is inexact):
// every format here has at least two bits less, so that the second rounding is right (Boldo and Melquiond, 2008).
#pragma once

#include <cstdint>

namespace geomsu::emulation::ptx {

struct Format {
  int exponent_bits, mantissa_bits;
  bool infinity;  // e4m3 has none: its largest exponent holds numbers too
};
constexpr Format kHalf{5, 10, true}, kBrain{8, 7, true}, kSingle{8, 23, true}, kTensor{8, 10, true};
constexpr Format kE4m3{4, 3, false}, kE5m2{5, 2, true};

enum class Rounding : std::uint8_t { kNearest, kZero, kDown, kUp, kAway };  // kAway: nearest, ties away from zero

constexpr int bits_of(const Format& format) { return 1 + format.exponent_bits + format.mantissa_bits; }

double widen(std::uint64_t bits, const Format& format);
// A NaN becomes the format's positive NaN of all ones, as the hardware's does. `saturate`: the largest finite number
// in place of infinity.
std::uint64_t narrow(double value, const Format& format, Rounding rounding, bool saturate = false);

double add_odd(double a, double b);      // rounded to odd
double odd_of(std::uint64_t magnitude);  // rounded to odd

}  // namespace geomsu::emulation::ptx
