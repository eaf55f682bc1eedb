// What memory's read sums up to, after any number of repeats, from one pass over the array.
//
// The sum of (word xor key) over a lane follows from how many of its words have each bit set, so the array's part in
// all repeats is 16 x 32 counts; a repeat then costs 64 look-ups.
#pragma once

#include <memory>
#include <vector>

#include "kernels/ops/memory.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::ops {

class ReadCounts {
 public:
  // `stored`: rounds the elements further, as a device would that kept them in less; nullptr: they are the shape's.
  ReadCounts(const MemoryShape& shape, std::uint64_t seed, const Dtype* stored = nullptr);
  ReadSums after(std::uint64_t repeats) const;

 private:
  using Byte = std::array<std::uint32_t, 256>;
  std::vector<std::array<Byte, 4>> table_;  // a lane each: the sum's share by each byte of the key
};

}  // namespace geomsu::ops
