// memory's reference: triad through the recurrence's coefficients, all others exactly (tolerance 0). Copy and scale
// are rotations, add is one too with a period of six, write's keys are run through, a few operations a repeat, and read
// is summed from counts of bits (memory_read.hpp).
//
// Triad is linear, y(R-1) = beta x1 + gamma x2, so the coefficients are computed once in long double and an element
// costs two generated values, however many repeats there were. A device rounds at each repeat (once with fused
// multiply-add, twice without: both are right), at most 2 u M where M bounds |y| over the history; an error made once
// lives on as the recurrence's impulse response, which stays below 2/sqrt(3). So R repeats err by at most R * 2 u M
// * 1.155 < 2.5 (R + 1) u M, with M = max|beta| |x1| + max|gamma| |x2|.
//
// projection() gives one number, the signed sum over the whole array. Its tolerance is the 2-norm of the elements'
// tolerances (signs are drawn after the timing) plus 4 * 2^-53 sqrt(n) |y|_2 for the device's own summation in double.
// Exact outputs of up to 2^27 elements sum exactly in any order: tolerance 0.
#pragma once

#include <memory>

#include "kernels/ops/memory.hpp"

namespace geomsu::ops {

// `repeat` is ignored: there is one state of the buffers. Both throw std::out_of_range before the first repeat.
std::unique_ptr<Reference> memory_reference(const MemoryShape& shape, const BlockState& state);

}  // namespace geomsu::ops
