#include "kernels/cuda/lt.hpp"

#include <array>

#include "kernels/cuda/check.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::uint32_t kAlignment = 256;  // bytes, of cudaMalloc

template <typename Value>
void set(cublasLtMatmulDescOpaque_t* desc, cublasLtMatmulDescAttributes_t attribute, const Value& value) {
  check(cublasLtMatmulDescSetAttribute(desc, attribute, &value, sizeof value), "cublasLtMatmulDescSetAttribute",
        "attribute " + std::to_string(attribute));
}
template <typename Value>
void set(cublasLtMatrixLayoutOpaque_t* layout, cublasLtMatrixLayoutAttribute_t attribute, const Value& value) {
  check(cublasLtMatrixLayoutSetAttribute(layout, attribute, &value, sizeof value), "cublasLtMatrixLayoutSetAttribute",
        "attribute " + std::to_string(attribute));
}
template <typename Value>
void set(cublasLtMatmulPreferenceOpaque_t* preference, cublasLtMatmulPreferenceAttributes_t attribute,
         const Value& value) {
  check(cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value),
        "cublasLtMatmulPreferenceSetAttribute", "attribute " + std::to_string(attribute));
}

// A row-major matrix of so many rows and columns as it is stored, seen in column order: columns x rows, contiguous.
LtLayout layout_of(cudaDataType_t type, std::uint64_t rows, std::uint64_t columns, std::uint64_t batch) {
  cublasLtMatrixLayout_t made = nullptr;
  check(cublasLtMatrixLayoutCreate(&made, type, columns, rows, static_cast<std::int64_t>(columns)),
        "cublasLtMatrixLayoutCreate");
  LtLayout layout(made);
  if (batch > 1) {
    set(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<std::int32_t>(batch));
    set(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, static_cast<std::int64_t>(rows * columns));
  }
  return layout;
}

LtDesc desc_of(const LtRequest& request) {
  cublasLtMatmulDesc_t made = nullptr;
  check(cublasLtMatmulDescCreate(&made, request.compute, request.scale), "cublasLtMatmulDescCreate");
  LtDesc desc(made);
  const std::int32_t plain = CUBLAS_OP_N, transposed = CUBLAS_OP_T;
  set(made, CUBLASLT_MATMUL_DESC_TRANSA, request.transpose_b ? transposed : plain);
  set(made, CUBLASLT_MATMUL_DESC_TRANSB, request.transpose_a ? transposed : plain);
  if (request.fp8) {
    set(made, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, request.one);
    set(made, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, request.one);
    set(made, CUBLASLT_MATMUL_DESC_FAST_ACCUM, static_cast<std::int8_t>(request.fast_accumulation ? 1 : 0));
  }
  return desc;
}

// How the partial sums of split-k may be reduced: not in an output's type that is narrower than the accumulator, which
// two of the schemes do (cublasLt.h, cublasLtReductionScheme_t).
std::uint32_t reductions_of(cudaDataType_t out) {
  const bool narrow = out == CUDA_R_16BF || out == CUDA_R_16F;
  return narrow ? CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE : CUBLASLT_REDUCTION_SCHEME_MASK;
}

LtPreference preference_of(std::uint64_t workspace_bytes, cudaDataType_t out_type) {
  cublasLtMatmulPreference_t made = nullptr;
  check(cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  LtPreference preference(made);
  set(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace_bytes);
  set(made, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, reductions_of(out_type));
  set(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, kAlignment);
  set(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, kAlignment);
  set(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, kAlignment);
  set(made, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, kAlignment);
  return preference;
}

// 0 and 1 as the scale type holds them; alpha and beta are read when the product is queued.
const void* scalar(cudaDataType_t scale, bool one) {
  static constexpr std::array<double, 2> doubles{0, 1};
  static constexpr std::array<float, 2> floats{0, 1};
  static constexpr std::array<std::int32_t, 2> integers{0, 1};
  const std::size_t which = one ? 1 : 0;
  if (scale == CUDA_R_64F) return &doubles[which];
  if (scale == CUDA_R_32I) return &integers[which];
  return &floats[which];
}

template <typename Value>
std::string config_words(const cublasLtMatmulAlgo_t& algorithm, cublasLtMatmulAlgoConfigAttributes_t attribute,
                         const char* name) {
  Value value{};
  std::size_t written = 0;
  check(cublasLtMatmulAlgoConfigGetAttribute(&algorithm, attribute, &value, sizeof value, &written),
        "cublasLtMatmulAlgoConfigGetAttribute", name);
  return std::string(name) + " " + std::to_string(value);
}

}  // namespace

LtProduct::LtProduct(cublasLtHandle_t handle, const LtRequest& r)
    : handle_(handle),
      scale_(r.scale),
      out_type_(r.out),
      desc_(desc_of(r)),
      first_(r.transpose_b ? layout_of(r.in, r.n, r.k, r.batch) : layout_of(r.in, r.k, r.n, r.batch)),
      second_(r.transpose_a ? layout_of(r.in, r.k, r.m, r.batch) : layout_of(r.in, r.m, r.k, r.batch)),
      out_(layout_of(r.out, r.m, r.n, r.batch)) {}

std::vector<LtResult> LtProduct::candidates(int most, std::uint64_t workspace_bytes) const {
  const LtPreference preference = preference_of(workspace_bytes, out_type_);
  std::vector<LtResult> results(static_cast<std::size_t>(most));
  int found = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(handle_, desc_.get(), first_.get(), second_.get(), out_.get(), out_.get(),
                                     preference.get(), most, results.data(), &found);
  // "No" comes as NOT_SUPPORTED, as an empty list, and as results that hold a status instead of an algorithm.
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return {};
  check(status, "cublasLtMatmulAlgoGetHeuristic");
  results.resize(static_cast<std::size_t>(found));
  std::erase_if(results, [](const LtResult& result) { return result.state != CUBLAS_STATUS_SUCCESS; });
  return results;
}

cublasStatus_t LtProduct::try_algorithm(const cublasLtMatmulAlgo_t& algorithm, std::uint64_t& workspace_bytes) const {
  LtResult result{};
  const cublasStatus_t status = cublasLtMatmulAlgoCheck(handle_, desc_.get(), first_.get(), second_.get(), out_.get(),
                                                        out_.get(), &algorithm, &result);
  workspace_bytes = result.workspaceSize;
  return status;
}

void LtProduct::queue(const cublasLtMatmulAlgo_t& algorithm, const void* a, const void* b, void* c, bool add,
                      void* workspace, std::uint64_t workspace_bytes, cudaStream_t stream) const {
  check(
      cublasLtMatmul(handle_, desc_.get(), scalar(scale_, true), b, first_.get(), a, second_.get(), scalar(scale_, add),
                     c, out_.get(), c, out_.get(), &algorithm, workspace, workspace_bytes, stream),
      "cublasLtMatmul");
}

std::string lt_version_words(std::uint64_t version) {
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

std::string algorithm_words(const cublasLtMatmulAlgo_t& algorithm) {
  return config_words<std::int32_t>(algorithm, CUBLASLT_ALGO_CONFIG_ID, "id") + ", " +
         config_words<std::uint32_t>(algorithm, CUBLASLT_ALGO_CONFIG_TILE_ID, "tile") + ", " +
         config_words<std::uint32_t>(algorithm, CUBLASLT_ALGO_CONFIG_STAGES_ID, "stages") + ", " +
         config_words<std::int32_t>(algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, "split-k") + ", " +
         config_words<std::uint32_t>(algorithm, CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, "reduction") + ", " +
         config_words<std::uint32_t>(algorithm, CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING, "swizzle") + ", " +
         config_words<std::uint32_t>(algorithm, CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION, "custom") + ", " +
         config_words<std::uint16_t>(algorithm, CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID, "inner") + ", " +
         config_words<std::uint16_t>(algorithm, CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, "cluster");
}

}  // namespace geomsu::cuda
