// gemm in double, straight from the generator: nothing of size m x k, k x n or m x n is ever held.
//
// Exactness: generated values are multiples of 2^-15 (uniform: 2^-23) below 2^3, so a dot product of normal data is
// exact in double up to k = 2^19, and B r up to n = 2^36. The reference itself adds no error at usual sizes.
//
// Tolerance of an element that was accumulated c times: c * (6 u_acc |a| |b| + u_out |ref| (c + 1) / 2), norms of row
// and column as rounded to the dtype. (c + 1) / 2 is the worst case of adding the same product again and again, whose
// rounding errors do not cancel: step j rounds a sum of j products. At c = 1 the bound is 6 u_acc |a| |b| + u_out
// |ref|. The RMS limit is the same in the mean: u_acc + u_out (c + 1) / 2 sqrt(mean((ref / scale)^2)), of errors over
// scale = c |a| |b|.
//
// These bounds hold for operands of mean zero without pattern, whose partial sums grow with the root of k. `trig` can
// be in phase over a whole row, where they grow with k: for it u_acc is multiplied by max(1, sqrt(k / 3)).
//
// Tolerance of a projected row: errors of the elements of a row get the signs of r, which are drawn after the timing
// and are independent of them, so their sum is bounded by the 2-norm of the elements' bounds: c * (6 u_acc |a_i| |B|_F
// + 6 u_out |C_i| (c + 1) / 2). |C_i|, which is not at hand, is taken as max(g |a_i|, |(C r)_i|) with g = |C r| / |A|_F
// over the block's rows (the mean of (C r)_i^2 over signs is |C_i|^2).
#pragma once

#include <memory>

#include "kernels/ops/gemm.hpp"

namespace geomsu::ops {

// Time of projection() O(m k + k n), memory O(m + n + k). element() is O(k).
// Both throw std::out_of_range for an index or a repeat that has not been run.
std::unique_ptr<Reference> gemm_reference(const GemmShape& shape, const BlockState& state);

// How often repeats 0..repeats-1 went to the operand set of `repeat`.
constexpr std::uint64_t times_accumulated(const BlockState& state, std::uint64_t repeat) {
  const std::uint64_t set = repeat % state.operand_sets;
  return state.repeats > set ? (state.repeats - set - 1) / state.operand_sets + 1 : 0;
}

// Unit roundoff of a way to accumulate: fp64 2^-53, fp32 2^-24, tf32_in 2^-11, fp8_fast 2^-13, int32 0.
double accumulate_roundoff(const std::string& accumulate);

}  // namespace geomsu::ops
