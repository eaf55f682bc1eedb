// cuBLASLt for row-major matrices: its descriptors as objects, and one product made of them.
//
// Nothing is asked for in row order. A row-major matrix is its own transpose in column order, so C = op(A) op(B) is
// computed as C^T = op(B)^T op(A)^T on the memory as it lies: the library's first operand is our B, its second our A,
// its m our n and its n our m. Layout nt (B stored n x k) is therefore its TN, which fp8 and int8 want.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <cublasLt.h>
#include <cuda_runtime_api.h>

namespace geomsu::cuda {

struct LtDelete {
  void operator()(cublasLtMatmulDescOpaque_t* desc) const { static_cast<void>(cublasLtMatmulDescDestroy(desc)); }
  void operator()(cublasLtMatrixLayoutOpaque_t* layout) const {
    static_cast<void>(cublasLtMatrixLayoutDestroy(layout));
  }
  void operator()(cublasLtMatmulPreferenceOpaque_t* preference) const {
    static_cast<void>(cublasLtMatmulPreferenceDestroy(preference));
  }
};
using LtDesc = std::unique_ptr<cublasLtMatmulDescOpaque_t, LtDelete>;
using LtLayout = std::unique_ptr<cublasLtMatrixLayoutOpaque_t, LtDelete>;
using LtPreference = std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, LtDelete>;

// What is multiplied, in our words; types in the library's.
struct LtRequest {
  std::uint64_t m = 0, n = 0, k = 0, batch = 1;
  bool transpose_a = false, transpose_b = false;  // stored transposed
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cudaDataType_t scale = CUDA_R_32F, in = CUDA_R_32F, out = CUDA_R_32F;
  bool fp8 = false, fast_accumulation = false;
  const float* one = nullptr;  // device memory that holds 1.0: the scales of fp8 operands
};

using LtResult = cublasLtMatmulHeuristicResult_t;

// On the submission thread. C is written, or added to, in place.
class LtProduct {
 public:
  LtProduct(cublasLtHandle_t handle, const LtRequest& request);  // Failure as check()

  // At most `most` that need no more workspace, best guess first; none where the library offers none. Buffers are taken
  // to be aligned to 256 bytes, as cudaMalloc aligns them.
  std::vector<LtResult> candidates(int most, std::uint64_t workspace_bytes) const;
  // Whether an algorithm kept from before runs here: the status, and the workspace that it needs.
  cublasStatus_t try_algorithm(const cublasLtMatmulAlgo_t& algorithm, std::uint64_t& workspace_bytes) const;

  // Queues C = A B, or C += A B.
  void queue(const cublasLtMatmulAlgo_t& algorithm, const void* a, const void* b, void* c, bool add, void* workspace,
             std::uint64_t workspace_bytes, cudaStream_t stream) const;

 private:
  cublasLtHandle_t handle_;
  cudaDataType_t scale_, out_type_;
  LtDesc desc_;
  LtLayout first_, second_, out_;  // B, A and C
};

std::string lt_version_words(std::uint64_t version);  // "13.1.0"
// "id 66, tile 23, stages 35, split-k 1, reduction 0, swizzle 0, custom 0, inner 0, cluster 3": the library's own
// numbers (cublasLt.h).
std::string algorithm_words(const cublasLtMatmulAlgo_t& algorithm);

}  // namespace geomsu::cuda
