#include "kernels/cuda/gemm_request.hpp"

#include <array>
#include <string_view>

#include "kernels/ops/params.hpp"

namespace geomsu::cuda {
namespace {

struct Row {
  std::string_view dtype;
  cudaDataType_t type;
};
constexpr std::array kTypes{
    Row{"fp64", CUDA_R_64F},         Row{"fp32", CUDA_R_32F}, Row{"tf32", CUDA_R_32F},
    Row{"bf16", CUDA_R_16BF},        Row{"fp16", CUDA_R_16F}, Row{"fp8_e4m3", CUDA_R_8F_E4M3},
    Row{"fp8_e5m2", CUDA_R_8F_E5M2}, Row{"int8", CUDA_R_8I},  Row{"int32", CUDA_R_32I},
};

cudaDataType_t type_of(const std::string& dtype) {
  for (const Row& row : kTypes) {
    if (row.dtype == dtype) return row.type;
  }
  throw plugin::Failure(GEOMSU_INTERNAL, "cuBLASLt has no type for dtype '" + dtype + "'");
}

bool is_fp8(const ops::GemmShape& shape) { return shape.dtype.starts_with("fp8"); }
bool is_tf32(const ops::GemmShape& shape) { return shape.dtype == "tf32" || shape.accumulate == "tf32_in"; }

std::string layout_words(const ops::GemmShape& shape) {
  return {shape.transpose_a ? 't' : 'n', shape.transpose_b ? 't' : 'n'};
}

// Variables that are read by the library itself, for products of this dtype.
std::vector<const char*> variables_of(const ops::GemmShape& shape) {
  if (is_tf32(shape)) return {"NVIDIA_TF32_OVERRIDE"};
  if (shape.dtype == "fp32") {
    return {"NVIDIA_TF32_OVERRIDE", "CUBLAS_EMULATE_SINGLE_PRECISION", "CUBLAS_EMULATION_STRATEGY"};
  }
  if (shape.dtype == "fp64") return {"CUBLAS_EMULATE_DOUBLE_PRECISION", "CUBLAS_EMULATION_STRATEGY"};
  return {};
}

std::string limits_of(const ops::GemmShape& shape, const Facts& facts) {
  if (shape.dtype == "fp8_e5m2") {
    return "cuBLASLt multiplies E5M2 with E4M3 and E4M3 with E4M3, never E5M2 with E5M2, which dtype fp8_e5m2 is; "
           "next: contract fp8_e4m3";
  }
  if (is_fp8(shape) && 10 * facts.major + facts.minor < 89) {
    return "fp8 wants compute capability 8.9 or newer; next: contract another dtype for this device";
  }
  if (is_fp8(shape)) {
    return "its fp8 wants k in multiples of 16, rows of C of a multiple of 16 bytes, and but for compute capability 10 "
           "both operands contiguous along k; next: layout nt, with n and k multiples of 16";
  }
  if (shape.dtype == "int8") {
    return "its int8 wants n and k in multiples of 4 and both operands contiguous along k; next: layout nt, with n "
           "and k multiples of 16";
  }
  return "its documentation names no limit that this meets; next: another shape or layout, or contract another dtype";
}

}  // namespace

LtRequest gemm_request(const ops::GemmShape& shape, const float* one) {
  LtRequest request;
  request.m = shape.m;
  request.n = shape.n;
  request.k = shape.k;
  request.batch = shape.batch;
  request.transpose_a = shape.transpose_a;
  request.transpose_b = shape.transpose_b;
  request.in = type_of(shape.dtype);
  request.out = type_of(shape.out);
  if (shape.dtype == "fp64") {
    request.compute = CUBLAS_COMPUTE_64F;
    request.scale = CUDA_R_64F;
  } else if (shape.dtype == "int8") {
    request.compute = CUBLAS_COMPUTE_32I;
    request.scale = CUDA_R_32I;
  } else if (is_tf32(shape)) {
    request.compute = CUBLAS_COMPUTE_32F_FAST_TF32;
  }
  request.fp8 = is_fp8(shape);
  request.fast_accumulation = shape.accumulate == "fp8_fast";
  request.one = one;
  return request;
}

std::string gemm_refusal(const ops::GemmShape& shape, const Variable& variable) {
  if (shape.dtype == "fp32" && shape.accumulate == "fp64") {
    return "cuBLASLt accumulates fp32 in fp32, not in fp64; next: accumulate fp32 or tf32_in, or dtype fp64";
  }
  for (const char* name : variables_of(shape)) {
    const char* value = variable(name);
    if (value == nullptr) continue;
    return "the environment sets " + std::string(name) + "=" + value +
           ", by which cuBLASLt may compute in another precision than the contract's " + shape.dtype +
           " accumulated in " + shape.accumulate + "; next: unset it where the worker is started";
  }
  return {};
}

plugin::Failure gemm_not_offered(const ops::GemmShape& shape, const Facts& facts) {
  return {GEOMSU_UNSUPPORTED,
          "cuBLASLt " + lt_version_words(cublasLtGetVersion()) + " offers no product of " + shape.dtype +
              " (accumulate " + shape.accumulate + ", out " + shape.out + "), m=" + std::to_string(shape.m) + " n=" +
              std::to_string(shape.n) + " k=" + std::to_string(shape.k) + " batch=" + std::to_string(shape.batch) +
              " layout=" + layout_words(shape) + " on " + facts.name + " (compute capability " +
              std::to_string(facts.major) + "." + std::to_string(facts.minor) + "): " + limits_of(shape, facts)};
}

std::string gemm_words(const ops::Params& complete) {
  std::string words = "gemm";
  for (const char* key : {"dtype", "accumulate", "out", "m", "n", "k", "batch", "layout"}) {
    words += " " + std::string(key) + "=" + ops::text_of(complete, key);
  }
  return words;
}

}  // namespace geomsu::cuda
