// What memory's repeats work on, in device memory.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/ops/memory.hpp"

namespace geomsu::cuda {

enum class MemoryKind : std::uint32_t { kCopy, kScale, kAdd, kTriad, kRead, kWrite };  // as ops::memory_kinds()

// Arrays are aligned to 16 and of `bytes` each, a multiple of 512. `state` is what read and write hand on from repeat
// to repeat, kStateWords long: zero at a reseed, but for write's first key in word 0.
struct MemoryArrays {
  MemoryKind kind = MemoryKind::kCopy;
  bool single = false;  // fp32, else fp64
  std::uint64_t bytes = 0;
  std::array<void*, 3> x{};
  std::uint32_t* state = nullptr;
};

// read's sums before repeat i begin at sums_at(i), one of three places: the repeat reads that, adds to the next and
// clears the one after. write's key of repeat i is word i % 2.
inline constexpr std::uint64_t kStateWords = 3 * ops::kReadLanes;
constexpr std::uint64_t sums_at(std::uint64_t repeat) { return repeat % 3 * ops::kReadLanes; }

}  // namespace geomsu::cuda
