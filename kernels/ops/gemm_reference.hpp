// gemm in double, straight from the generator: nothing of size m x k, k x n or m x n is ever held.
//
// Exactness: generated values are multiples of 2^-15 (uniform: 2^-23) below 2^3, so a dot product of normal data is
// exact in double up to k = 2^19, and B r up to n = 2^36. The reference itself adds no error at usual sizes.
//
// A C that was accumulated c times holds sum_r w_r A_r B_r: a product a round, of the pair that operand_pair() gives,
// w_r times each (more than once only where c is over the number of sets; with one set all are the same).
//
// Tolerance of an element: 6 u_acc sum_r w_r |a_r| |b_r| + u_out sum_j |partial sum j|, norms of rows and columns as
// rounded to the dtype, j = 1..c: each accumulation rounds the sum that it stores. At c = 1 that is 6 u_acc |a| |b| +
// u_out |ref|. The RMS of errors over scale = sqrt(sum_r (w_r |a_r| |b_r|)^2) must stay under u_acc + u_out g
// sqrt(mean((ref / scale)^2)), where g = sqrt((c + 1) / 2) is what c stored partial sums of a random walk have over
// the last one; where products repeat (c over the sets, or `trig`, whose matrices are all alike) errors and sums do not
// cancel, and g = (c + 1) / 2 and scale = sum_r w_r |a_r| |b_r|. Under 16 elements that mean says nothing, and the RMS
// is held to what the elements' own tolerances allow at most.
//
// These bounds hold for operands of mean zero without pattern, whose partial sums grow with the root of k. `trig` can
// be in phase over a whole row, where they grow with k: for it u_acc is multiplied by max(1, sqrt(k / 3)).
//
// Tolerance of a projected row: errors of the elements of a row get the signs of r, which are drawn after the timing
// and are independent of them, so their sum is bounded by the 2-norm of the elements' bounds: 6 u_acc sum_r w_r |a_r,i|
// |B_r|_F + 6 u_out g |C_i|. |C_i|, which is not at hand, is taken as the larger of |(C r)_i| and the 2-norm over r of
// w_r g_r |a_r,i|, with g_r = |A_r B_r r| / |A_r|_F over the block's rows (the mean of (C r)_i^2 over signs is
// |C_i|^2). Where m or k is under 16 that mean is over few numbers and may be small by chance (a right row of bf16 was
// refused for it once in 25): there w_r |(A_r B_r)_i| is computed. The rows of `trig` are combinations of two waves,
// whose products with one r are all small together: there |C_i| is taken as sum_r w_r |a_r,i| |B_r|_F.
//
// int8 sums are exact and wrap as int32 does: tolerance 0. A projected row that holds an element that may have wrapped
// is summed from its elements, up to 2^26 multiplications a projection; beyond them its tolerance is infinite.
#pragma once

#include <memory>

#include "kernels/ops/gemm.hpp"

namespace geomsu::ops {

// With d = min(c, sets) products in a C: time of projection() O(d (m k + k n)), memory O(m + n + k); element() is O(d k
// + c). Both throw std::out_of_range for an index or a repeat that has not been run.
std::unique_ptr<Reference> gemm_reference(const GemmShape& shape, const BlockState& state);

// How often repeats 0..repeats-1 went to the operand set of `repeat`.
constexpr std::uint64_t times_accumulated(const BlockState& state, std::uint64_t repeat) {
  const std::uint64_t set = repeat % state.operand_sets;
  return state.repeats > set ? (state.repeats - set - 1) / state.operand_sets + 1 : 0;
}

// Unit roundoff of a way to accumulate: fp64 2^-53, fp32 2^-24, tf32_in 2^-11, fp8_fast 2^-13, int32 0.
double accumulate_roundoff(const std::string& accumulate);

// What is added to it for fp8 that is accumulated in fp32: 2^-13 / sqrt(k), else 0. Tensor cores of Hopper keep some 14
// bits of a sum of fp8 products (DeepSeek-V3 Technical Report, arXiv 2412.19437, 3.3.2), and what accumulates in fp32
// there takes such sums of short runs of k into fp32 sums. A run of 128 then errs by 2^-13 sqrt(128) of a product, and
// k / 32 such steps at random by 2^-13 sqrt(k), which is 2^-13 / sqrt(k) of |a| |b|. All of k in 14 bits (fp8_fast)
// errs by some 2^-17.8 of it whatever k is: the RMS test tells the two apart from k = 4096 on. To be held against the
// first real GPU.
double tensor_core_roundoff(const GemmShape& shape);

}  // namespace geomsu::ops
