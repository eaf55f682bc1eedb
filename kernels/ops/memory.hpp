// memory: streams over arrays of `bytes` each (kinds copy and triad so far; scale, add, read, write follow).
//
// Repeats must not be skippable though they work in place, so each depends on the one before (i counts since reseed):
//   triad: three arrays x0 x1 x2, repeat i: x[i%3][j] = x[(i+2)%3][j] + s * x[(i+1)%3][j], s = -255/256.
//          The characteristic roots of y(i+3) = y(i+2) + s*y(i+1) have modulus sqrt(255/256): the values neither grow nor die.
//   copy:  two arrays, repeat i copies x[i%2] to x[(i+1)%2] rotated: dst[(j + 64) % n] = src[j]. Exact.
// Output tensor (role 0) = the array written last. Initial arrays are roles 1, 2, 3 (x0, x1, x2). Refilled once a trial.
// Bytes of a repeat as in STREAM: copy 2 * bytes, triad 3 * bytes; 1 GB = 1e9 B.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

inline constexpr double kTriadScalar = -255.0 / 256.0;
inline constexpr std::uint64_t kCopyShift = 64;  // elements

struct MemoryShape {
  std::string kind, dtype;
  std::uint64_t bytes = 0, elements = 0;
  Data data = Data::kNormal;
};
MemoryShape memory_shape(const Params& complete);
const Operation& memory();

}  // namespace geomsu::ops
