// memory: streams over arrays of `bytes` each, the four of STREAM (copy, scale, add, triad) and one direction alone
// (read, write).
//
// Repeats must not be skippable though they work in place, so each depends on the one before (i counts since reseed; an
// index is modulo n):
//   copy:  two arrays, repeat i copies x[i%2] to x[(i+1)%2] rotated: dst[j + 64] = src[j].
//   scale: as copy, times 2 where i is even and times -1/2 where it is odd: dst[j + 64] = s * src[j]. Exact, and
//          neither grows nor dies.
//   add:   three arrays, repeat i: x[i%3][j + 128] = x[(i+2)%3][j + 64] - x[(i+1)%3][j]. Along the rotation y(i) =
//          y(i-1) - y(i-2), whose roots have modulus 1: with a plus it would grow as Fibonacci's numbers do. It comes
//          round every six repeats, but at another place. Every value is x1, x2 or their difference: exact.
//   triad: three arrays x0 x1 x2, repeat i: x[i%3][j] = x[(i+2)%3][j] + s * x[(i+1)%3][j], s = -4095/4096.
//          With y(i) written by repeat i and y(-2) = x1, y(-1) = x2: y(i) = y(i-1) + s*y(i-2), whose characteristic
//          roots have modulus sqrt(4095/4096): no growth, and half the size after 5,678 repeats (s = -255/256 would
//          reach fp32's subnormal numbers, which slow a CPU, within 45,000). s = -1 would come round every six repeats:
//          skippable.
//   read:  one array, as 32-bit words, summed in 16 lanes after an exclusive or with the repeat's key; sums run on over
//          the repeats and the next key is made of them. So no pass may begin before all sums of the one before are
//          there: the array cannot be read once for several repeats. One changed word changes a lane.
//   write: one array; repeat i writes a ramp that begins at the repeat's key, and the next key is made of one element
//          as it then stands in the array, at a place drawn by the key: a repeat that was not written is not known.
// Output tensor (role 0) = the array written last; of read, the 16 sums as int32. Initial arrays are roles 1, 2, 3 (x0,
// x1, x2). Refilled once a trial. Before the first repeat there is no output: reference and plug-in refuse to read it.
// `bytes` is of one array: a multiple of 512, from 4096 to 2^40, so that every part of a split starts on a whole cache
// line. Bytes of a repeat as in STREAM: bytes times the arrays, which are 2 for copy and scale, 3 for add and triad, 1
// for read and write; 1 GB = 1e9 B.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

inline constexpr double kTriadScalar = -4095.0 / 4096.0;
inline constexpr std::uint64_t kCopyShift = 64;  // elements: of copy and scale, and of add's newer array

// What scale's repeat multiplies by.
constexpr double scale_factor(std::uint64_t repeat) { return repeat % 2 == 0 ? 2.0 : -0.5; }

// read: 32-bit word w belongs to lane w % 16.
inline constexpr std::uint64_t kReadLanes = 16;
using ReadSums = std::array<std::uint32_t, kReadLanes>;
constexpr std::uint32_t read_key(const ReadSums& before, std::uint64_t repeat) {
  std::uint32_t sum = 0;
  for (const std::uint32_t lane : before) sum += lane;
  return static_cast<std::uint32_t>(at(sum, repeat));
}

// write: element j is write_sum(key, j) * 2^-15, from -4 up to but without 4: exact in fp32.
inline constexpr std::uint32_t kWriteStep = 0x9E3779B1;  // 2^32 / golden ratio, odd
constexpr std::int32_t write_sum(std::uint32_t key, std::uint64_t index) {
  return static_cast<std::int32_t>(key + static_cast<std::uint32_t>(index) * kWriteStep) >> 14;
}
constexpr std::uint32_t write_first_key(std::uint64_t seed) { return static_cast<std::uint32_t>(stream(seed, 1)); }
// The element that the next key is made of.
constexpr std::uint64_t write_place(std::uint32_t key, std::uint64_t repeat, std::uint64_t elements) {
  return at(key, repeat) % elements;
}
constexpr std::uint32_t write_next_key(std::uint32_t key, std::int32_t sum) {
  return static_cast<std::uint32_t>(at(key, static_cast<std::uint64_t>(sum) + 131072));
}

struct MemoryShape {
  std::string kind, dtype, output_dtype;
  std::uint64_t bytes = 0, elements = 0, arrays = 0, output_elements = 0;
  Data data = Data::kNormal;
};
MemoryShape memory_shape(const Params& complete);
const std::vector<std::string>& memory_kinds();
const Operation& memory();

}  // namespace geomsu::ops
