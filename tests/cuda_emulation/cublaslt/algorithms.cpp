#include "tests/cuda_emulation/cublaslt/algorithms.hpp"

#include <array>
#include <cstring>
#include <span>

#include "tests/cuda_emulation/cublaslt/numbers.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation::lt {
namespace {

constexpr std::uint32_t kMagic = 0x416C676F;

struct Kernel {
  std::int32_t id;
  std::uint32_t tile, stages;
  std::int32_t split_k;
  std::uint32_t swizzle, custom;
  std::uint16_t cluster;
  std::uint32_t alignment;  // bytes; 0: an element
  std::uint64_t chunk, workspace_bytes;
  double slowness;
  bool reduces_in_output = false;  // split-k: partial sums are rounded to the output's type, where it is narrower
};
constexpr std::array kKernels{
    Kernel{66, CUBLASLT_MATMUL_TILE_128x256, CUBLASLT_MATMUL_STAGES_64xAUTO, 1, 0, 0, CUBLASLT_CLUSTER_SHAPE_2x1x1, 16,
           64, 32768, 1.25},
    Kernel{21, CUBLASLT_MATMUL_TILE_256x128, CUBLASLT_MATMUL_STAGES_64x4, 1, 1, 0, CUBLASLT_CLUSTER_SHAPE_AUTO, 16, 32,
           0, 1.125},
    Kernel{21, CUBLASLT_MATMUL_TILE_128x128, CUBLASLT_MATMUL_STAGES_32x5, 1, 0, 0, CUBLASLT_CLUSTER_SHAPE_AUTO, 8, 16,
           0, 1.375},
    Kernel{6, CUBLASLT_MATMUL_TILE_64x128, CUBLASLT_MATMUL_STAGES_32x4, 4, 0, 1, CUBLASLT_CLUSTER_SHAPE_AUTO, 4, 0, 0,
           1.4, true},
    Kernel{6, CUBLASLT_MATMUL_TILE_64x64, CUBLASLT_MATMUL_STAGES_32x4, 4, 0, 1, CUBLASLT_CLUSTER_SHAPE_AUTO, 4, 0, 0,
           1.5},
    Kernel{0, CUBLASLT_MATMUL_TILE_32x32, CUBLASLT_MATMUL_STAGES_8x4, 1, 0, 0, CUBLASLT_CLUSTER_SHAPE_AUTO, 0, 0, 0, 4},
};

Candidate candidate_of(const Kernel& kernel, const Problem& problem) {
  Candidate made;
  Algorithm& algorithm = made.algorithm;
  algorithm.magic = kMagic;
  algorithm.id = kernel.id;
  algorithm.tile = kernel.tile;
  algorithm.split_k = kernel.split_k;
  algorithm.reduction = kernel.split_k == 1        ? CUBLASLT_REDUCTION_SCHEME_NONE
                        : kernel.reduces_in_output ? CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE
                                                   : CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
  algorithm.swizzle = kernel.swizzle;
  algorithm.custom = kernel.custom;
  algorithm.stages = kernel.stages;
  algorithm.cluster = kernel.cluster;
  algorithm.compute = problem.desc.compute;
  algorithm.a_type = problem.a.type;
  algorithm.b_type = problem.b.type;
  algorithm.d_type = problem.d.type;
  algorithm.alignment = kernel.alignment;
  made.workspace_bytes = kernel.workspace_bytes;
  if (kernel.split_k > 1) {
    const std::uint64_t sum = problem.desc.compute == CUBLAS_COMPUTE_64F ? 8 : 4;
    made.workspace_bytes += static_cast<std::uint64_t>(kernel.split_k) * problem.m * problem.n * problem.batch * sum;
  }
  made.summation = {static_cast<std::uint64_t>(kernel.split_k), kernel.chunk};
  if (kernel.reduces_in_output) made.summation.part_type = static_cast<cudaDataType>(problem.d.type);
  made.slowness = kernel.slowness;
  return made;
}

bool is_narrow(const Problem& problem) { return problem.d.type == CUDA_R_16BF || problem.d.type == CUDA_R_16F; }

bool tensor_cores_only(const Problem& problem) { return problem.is_fp8() || problem.a.type == CUDA_R_8I; }

// Whether leading dimensions and batch strides are what the kernel needs.
bool fits(const Kernel& kernel, const Problem& problem) {
  if (kernel.reduces_in_output && !is_narrow(problem)) return false;
  if (kernel.alignment == 0) return !tensor_cores_only(problem);
  for (const Layout* layout : {&problem.a, &problem.b, &problem.c, &problem.d}) {
    if (!is_aligned(*layout, kernel.alignment)) return false;
  }
  return true;
}

bool allowed(const Candidate& candidate, const Preference& preference) {
  if (candidate.workspace_bytes > preference.workspace) return false;
  const bool reduces = candidate.algorithm.reduction != CUBLASLT_REDUCTION_SCHEME_NONE;
  if (reduces && (candidate.algorithm.reduction & preference.reductions) == 0) return false;
  for (const std::uint32_t promised :
       {preference.alignment_a, preference.alignment_b, preference.alignment_c, preference.alignment_d}) {
    if (promised < candidate.algorithm.alignment) return false;
  }
  return true;
}

constexpr std::array kConfigFields{
    Field{CUBLASLT_ALGO_CONFIG_ID, offsetof(Algorithm, id), 4},
    Field{CUBLASLT_ALGO_CONFIG_TILE_ID, offsetof(Algorithm, tile), 4},
    Field{CUBLASLT_ALGO_CONFIG_SPLITK_NUM, offsetof(Algorithm, split_k), 4},
    Field{CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, offsetof(Algorithm, reduction), 4},
    Field{CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING, offsetof(Algorithm, swizzle), 4},
    Field{CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION, offsetof(Algorithm, custom), 4},
    Field{CUBLASLT_ALGO_CONFIG_STAGES_ID, offsetof(Algorithm, stages), 4},
    Field{CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID, offsetof(Algorithm, inner), 2},
    Field{CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, offsetof(Algorithm, cluster), 2},
};

Algorithm unpack(const cublasLtMatmulAlgo_t& algo) {
  Algorithm algorithm;
  std::memcpy(static_cast<void*>(&algorithm), &algo, sizeof algorithm);
  return algorithm;
}

}  // namespace

cublasLtMatmulAlgo_t pack(const Algorithm& algorithm) {
  cublasLtMatmulAlgo_t algo{};
  std::memcpy(static_cast<void*>(&algo), &algorithm, sizeof algorithm);
  return algo;
}

std::vector<Candidate> candidates(const Problem& problem, const Preference& preference) {
  std::vector<Candidate> found;
  for (const Kernel& kernel : kKernels) {
    if (!fits(kernel, problem)) continue;
    Candidate candidate = candidate_of(kernel, problem);
    if (allowed(candidate, preference)) found.push_back(candidate);
  }
  return found;
}

cublasStatus_t find(const Problem& problem, const cublasLtMatmulAlgo_t& algo, Candidate& found, std::string& why) {
  const Algorithm algorithm = unpack(algo);
  if (algorithm.magic != kMagic) {
    why = "the algorithm is none that this library made";
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  for (const Kernel& kernel : kKernels) {
    const Candidate candidate = candidate_of(kernel, problem);
    if (candidate.algorithm.id != algorithm.id || candidate.algorithm.tile != algorithm.tile) continue;
    if (std::memcmp(&candidate.algorithm, &algorithm, sizeof algorithm) != 0) {
      why = "the algorithm was made for another compute type or other matrices, or was changed";
      return CUBLAS_STATUS_INVALID_VALUE;
    }
    if (!fits(kernel, problem)) {
      why =
          "the algorithm wants leading dimensions that are multiples of " + std::to_string(kernel.alignment) + " bytes";
      return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    found = candidate;
    return CUBLAS_STATUS_SUCCESS;
  }
  why = "no algorithm has these ids";
  return CUBLAS_STATUS_NOT_SUPPORTED;
}

}  // namespace geomsu::emulation::lt

using namespace geomsu::emulation;

extern "C" cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t* algo,
                                                               cublasLtMatmulAlgoConfigAttributes_t attribute, void* to,
                                                               size_t bytes, size_t* written) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  if (algo == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  const lt::Algorithm algorithm = lt::unpack(*algo);
  for (const lt::Field& field : lt::kConfigFields) {
    if (field.attribute == attribute) return lt::get_field(field, &algorithm, to, bytes, written);
  }
  die(std::string(__func__) + ": attribute " + std::to_string(attribute) + " is not one of cuBLASLt 13.1's");
}
