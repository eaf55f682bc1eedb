// The bare loops of memory: one thread's part of a repeat, with stores that go past the caches, so that a repeat moves
// the bytes that STREAM counts and no line is read only to be overwritten.
#pragma once

#include <cstdint>

#include "kernels/ops/fill.hpp"
#include "kernels/ops/memory.hpp"

namespace geomsu::cpu {

// All pointers 64-byte aligned, count a multiple of 64. The stores are ordered before the return (sfence).
void copy_part(ops::Isa isa, double* to, const double* from, std::uint64_t count);
void copy_part(ops::Isa isa, float* to, const float* from, std::uint64_t count);
// to = scalar * from
void scale_part(ops::Isa isa, double* to, const double* from, double scalar, std::uint64_t count);
void scale_part(ops::Isa isa, float* to, const float* from, float scalar, std::uint64_t count);
// to = a + scalar * b; with -1 it is a difference, as memory's add takes it
void triad_part(ops::Isa isa, double* to, const double* a, const double* b, double scalar, std::uint64_t count);
void triad_part(ops::Isa isa, float* to, const float* a, const float* b, float scalar, std::uint64_t count);

// sums[w % 16] += words[w] xor key
void read_part(ops::Isa isa, ops::ReadSums& sums, const std::uint32_t* words, std::uint64_t count, std::uint32_t key);
// to[i] = ops::write_sum(key, first + i) * 2^-15
void write_part(ops::Isa isa, double* to, std::uint32_t key, std::uint64_t first, std::uint64_t count);
void write_part(ops::Isa isa, float* to, std::uint32_t key, std::uint64_t first, std::uint64_t count);

}  // namespace geomsu::cpu
