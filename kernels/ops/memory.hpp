// memory: streams over arrays of `bytes` each (kinds copy and triad so far; scale, add, read, write follow).
//
// Repeats must not be skippable though they work in place, so each depends on the one before (i counts since reseed):
//   triad: three arrays x0 x1 x2, repeat i: x[i%3][j] = x[(i+2)%3][j] + s * x[(i+1)%3][j], s = -4095/4096.
//          With y(i) written by repeat i and y(-2) = x1, y(-1) = x2: y(i) = y(i-1) + s*y(i-2), whose characteristic
//          roots have modulus sqrt(4095/4096): no growth, and half the size after 5,678 repeats (s = -255/256 would
//          reach fp32's subnormal numbers, which slow a CPU, within 45,000). s = -1 would come round every six repeats:
//          skippable.
//   copy:  two arrays, repeat i copies x[i%2] to x[(i+1)%2] rotated: dst[(j + 64) % n] = src[j]. Exact.
// Output tensor (role 0) = the array written last. Initial arrays are roles 1, 2, 3 (x0, x1, x2). Refilled once a
// trial. Before the first repeat there is no output: reference and plug-in refuse to read it. `bytes` is of one array:
// a multiple of 512, from 4096 to 2^40, so that every part of a split starts on a whole cache line. Bytes of a repeat
// as in STREAM: copy 2 * bytes, triad 3 * bytes; 1 GB = 1e9 B.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

inline constexpr double kTriadScalar = -4095.0 / 4096.0;
inline constexpr std::uint64_t kCopyShift = 64;  // elements

struct MemoryShape {
  std::string kind, dtype;
  std::uint64_t bytes = 0, elements = 0;
  Data data = Data::kNormal;
};
MemoryShape memory_shape(const Params& complete);
const Operation& memory();

}  // namespace geomsu::ops
