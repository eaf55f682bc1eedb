// Rounding of a generated value to a dtype, to nearest even, carried in double: bit-exact with what a device stores.
#pragma once

#include <cstdint>
#include <string_view>

namespace geomsu::ops {

// A binary floating format, or int8. `precision` counts the hidden bit: the unit roundoff is 2^-precision.
struct Dtype {
  std::string_view name;
  std::uint32_t bytes = 0;
  std::int32_t precision = 0;     // significand bits; 0 for integers
  std::int32_t min_exponent = 0;  // of the smallest normal number
  double largest = 0;             // finite; beyond it fp8 saturates, the others become infinite
  bool saturates = false;
  bool integer = false;

  double unit_roundoff() const;  // 0 for integers
};

// nullptr where there is no such dtype. tf32 is stored in four bytes, as fp32 with 13 low bits zero.
const Dtype* find_dtype(std::string_view name);

// int8 = clamp(rne(16 x), -64, 63): see GENERATOR.md for why the range is halved.
double round_to(const Dtype& dtype, double value);

// The stored bit pattern of a value that round_to made, in the low bits (for test vectors and plug-ins without the
// type).
std::uint64_t bits_of(const Dtype& dtype, double rounded);

}  // namespace geomsu::ops
