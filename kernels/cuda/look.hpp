// What verification asks of a tensor in device memory: each waits for the answer, by the device's stream and scratch.
// On the submission thread, outside timed blocks; Failure as check().
#pragma once

#include <cstdint>
#include <span>

#include "kernels/cuda/element.hpp"

namespace geomsu::cuda {

class Device;

// out[i] = the element that lies at indices[i].
void look_at(Device& device, Element element, const void* from, std::span<const std::uint64_t> indices, double* out);

// The signed sum over one row of so many elements (GENERATOR.md, signs of a projection).
double signed_sum(Device& device, Element element, const void* from, std::uint64_t elements, std::uint64_t sign_seed);

// The digest's share of `bytes` that begin at 64-bit word `first_word` of their tensor.
std::uint64_t digest_of(Device& device, const void* from, std::uint64_t bytes, std::uint64_t first_word = 0);

}  // namespace geomsu::cuda
