// The bare loops of memory: one thread's part of a copy or a triad, with stores that go past the caches, so that a
// repeat moves the bytes that STREAM counts and no line is read only to be overwritten.
#pragma once

#include <cstdint>

#include "kernels/ops/fill.hpp"

namespace geomsu::cpu {

// All pointers 64-byte aligned, count a multiple of 64. The stores are ordered before the return (sfence).
void copy_part(ops::Isa isa, double* to, const double* from, std::uint64_t count);
void copy_part(ops::Isa isa, float* to, const float* from, std::uint64_t count);
// to = a + scalar * b
void triad_part(ops::Isa isa, double* to, const double* a, const double* b, double scalar, std::uint64_t count);
void triad_part(ops::Isa isa, float* to, const float* a, const float* b, float scalar, std::uint64_t count);

}  // namespace geomsu::cpu
