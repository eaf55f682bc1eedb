// What the contract's gemm is in cuBLASLt's words, and what it answers where there is none. Nothing here asks a device.
#pragma once

#include <functional>
#include <string>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/lt.hpp"
#include "kernels/ops/gemm.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::cuda {

// Compute type, scale type and types of matrices of a shape that gemm_refusal() lets pass.
LtRequest gemm_request(const ops::GemmShape& shape, const float* one);

// Why this backend does not compute a shape at all; empty where it asks cuBLASLt. `variable` is std::getenv: some
// variables make the library compute in another precision than it is asked for.
using Variable = std::function<const char*(const char*)>;
std::string gemm_refusal(const ops::GemmShape& shape, const Variable& variable);

// UNSUPPORTED, with what the library's documentation says of such a product.
plugin::Failure gemm_not_offered(const ops::GemmShape& shape, const Facts& facts);

// "gemm dtype=bf16 accumulate=fp32 out=bf16 m=8192 n=8192 k=8192 batch=1 layout=nt": what decides about an algorithm.
std::string gemm_words(const ops::Params& complete);

}  // namespace geomsu::cuda
