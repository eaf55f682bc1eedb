// cublasLtMatmul() and its heuristic: everything that can be known when called is checked then, with an error where the
// library has one; memory is looked at when the work runs, since what is queued before it may write it.
#include <cstring>
#include <string>

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/cublaslt/algorithms.hpp"
#include "tests/cuda_emulation/cublaslt/handle.hpp"
#include "tests/cuda_emulation/cublaslt/numbers.hpp"
#include "tests/cuda_emulation/cublaslt/problem.hpp"
#include "tests/cuda_emulation/cublaslt/product.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation::lt {
namespace {

int capability_of_device() {
  int device = 0, major = 0, minor = 0;
  if (cudaGetDevice(&device) != cudaSuccess ||
      cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) != cudaSuccess ||
      cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device) != cudaSuccess) {
    die("cuBLASLt: the current device's compute capability is not to be had");
  }
  return 10 * major + minor;
}

struct Matrix {
  const Layout* layout;
  std::uint64_t address;
  const char* name;
  std::uint64_t element() const { return bytes_of(static_cast<cudaDataType>(layout->type)); }
  std::uint64_t last() const {  // one beyond
    const std::uint64_t columns = layout->columns - 1, matrices = static_cast<std::uint64_t>(layout->batch) - 1;
    return address + element() * (columns * static_cast<std::uint64_t>(layout->leading) + layout->rows +
                                  matrices * static_cast<std::uint64_t>(layout->stride));
  }
  std::byte* column(std::uint64_t batch, std::uint64_t column, bool write) const {
    const std::uint64_t first = address + element() * (batch * static_cast<std::uint64_t>(layout->stride) +
                                                       column * static_cast<std::uint64_t>(layout->leading));
    return device_bytes(reinterpret_cast<const void*>(first), layout->rows * element(), write, name);
  }
};

void refuse_overlap(const Matrix& out, const Matrix& in) {
  if (in.address >= out.last() || out.address >= in.last()) return;
  die(std::string("cublasLtMatmul: D and ") + in.name + " overlap, which the library neither allows nor notices");
}

double device_scale(std::uint64_t address, const char* name) {
  if (address == 0) return 1;
  float value = 0;
  std::memcpy(&value, device_bytes(reinterpret_cast<const void*>(address), sizeof value, false, name), sizeof value);
  return static_cast<double>(value);
}

double host_scalar(std::int32_t type, const void* from) {
  return load(static_cast<cudaDataType>(type), static_cast<const std::byte*>(from), 0);
}

// Which pointers a kernel of so much alignment can take.
bool aligned(std::uint64_t address, std::uint64_t bytes) { return bytes == 0 || address % bytes == 0; }

struct Call {
  Problem problem;
  Candidate candidate;
  Scalars scalars;
  std::uint64_t a = 0, b = 0, c = 0, d = 0, workspace = 0;
};

void run(const Call& call) {
  const Problem& p = call.problem;
  const Matrix a{&p.a, call.a, "cublasLtMatmul: A"}, b{&p.b, call.b, "cublasLtMatmul: B"},
      c{&p.c, call.c, "cublasLtMatmul: C"}, d{&p.d, call.d, "cublasLtMatmul: D"};
  if (call.candidate.workspace_bytes > 0) {
    device_bytes(reinterpret_cast<const void*>(call.workspace), call.candidate.workspace_bytes, true,
                 "cublasLtMatmul: workspace");
  }
  Scalars scalars = call.scalars;
  scalars.a_scale = device_scale(p.desc.a_scale, "cublasLtMatmul: scale of A");
  scalars.b_scale = device_scale(p.desc.b_scale, "cublasLtMatmul: scale of B");
  multiply(
      p, call.candidate.summation, scalars, [&](auto batch, auto column) { return a.column(batch, column, false); },
      [&](auto batch, auto column) { return b.column(batch, column, false); },
      [&](auto batch, auto column) { return c.column(batch, column, false); },
      [&](auto batch, auto column) { return d.column(batch, column, true); });
}

double flop_of(const Problem& p) {
  return 2.0 * static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k) *
         static_cast<double>(p.batch);
}
double bytes_touched(const Problem& p) {
  double bytes = 0;
  for (const Layout* layout : {&p.a, &p.b, &p.d}) {
    bytes += static_cast<double>(layout->rows) * static_cast<double>(layout->columns) * layout->batch *
             static_cast<double>(bytes_of(static_cast<cudaDataType>(layout->type)));
  }
  return bytes;
}

float waves(const Problem& p) { return static_cast<float>(p.m * p.n * p.batch) / static_cast<float>(128 * 128 * 132); }

}  // namespace
}  // namespace geomsu::emulation::lt

using namespace geomsu::emulation;

extern "C" {

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[], int* returned) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  if (!lt::is_live(handle, __func__)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (wanted <= 0 || results == nullptr || returned == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  *returned = 0;
  lt::Problem problem;
  std::string why;
  cublasStatus_t status =
      lt::understand(lt::desc_of(desc, __func__), lt::layout_of(a, __func__), lt::layout_of(b, __func__),
                     lt::layout_of(c, __func__), lt::layout_of(d, __func__), problem, why);
  if (status == CUBLAS_STATUS_SUCCESS) status = lt::offered(problem, lt::capability_of_device(), why);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  for (const lt::Candidate& candidate : lt::candidates(problem, lt::preference_of(preference, __func__))) {
    if (*returned == wanted) break;
    cublasLtMatmulHeuristicResult_t& result = results[(*returned)++];
    result = {};
    result.algo = lt::pack(candidate.algorithm);
    result.workspaceSize = candidate.workspace_bytes;
    result.state = CUBLAS_STATUS_SUCCESS;
    result.wavesCount = lt::waves(problem);
  }
  return *returned == 0 ? CUBLAS_STATUS_NOT_SUPPORTED : CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoCheck(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc, cublasLtMatrixLayout_t a,
                                       cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                       const cublasLtMatmulAlgo_t* algo, cublasLtMatmulHeuristicResult_t* result) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  if (!lt::is_live(handle, __func__)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (algo == nullptr || result == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  lt::Problem problem;
  lt::Candidate candidate;
  std::string why;
  cublasStatus_t status =
      lt::understand(lt::desc_of(desc, __func__), lt::layout_of(a, __func__), lt::layout_of(b, __func__),
                     lt::layout_of(c, __func__), lt::layout_of(d, __func__), problem, why);
  if (status == CUBLAS_STATUS_SUCCESS) status = lt::offered(problem, lt::capability_of_device(), why);
  if (status == CUBLAS_STATUS_SUCCESS) status = lt::find(problem, *algo, candidate, why);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  result->workspaceSize = candidate.workspace_bytes;
  result->state = CUBLAS_STATUS_SUCCESS;
  result->wavesCount = lt::waves(problem);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t desc, const void* alpha, const void* a,
                              cublasLtMatrixLayout_t a_layout, const void* b, cublasLtMatrixLayout_t b_layout,
                              const void* beta, const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t* algo, void* workspace,
                              size_t workspace_bytes, cudaStream_t stream) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  if (!lt::is_live(handle, __func__)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (alpha == nullptr || beta == nullptr || a == nullptr || b == nullptr || d == nullptr) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  if (algo == nullptr)
    die("cublasLtMatmul: no algorithm, which lets the library choose, is outside the emulated subset");
  lt::Call call;
  std::string why;
  cublasStatus_t status =
      lt::understand(lt::desc_of(desc, __func__), lt::layout_of(a_layout, __func__), lt::layout_of(b_layout, __func__),
                     lt::layout_of(c_layout, __func__), lt::layout_of(d_layout, __func__), call.problem, why);
  if (status == CUBLAS_STATUS_SUCCESS) status = lt::offered(call.problem, lt::capability_of_device(), why);
  if (status == CUBLAS_STATUS_SUCCESS) status = lt::find(call.problem, *algo, call.candidate, why);
  if (status != CUBLAS_STATUS_SUCCESS) return status;

  call.scalars.alpha = lt::host_scalar(call.problem.desc.scale, alpha);
  call.scalars.beta = lt::host_scalar(call.problem.desc.scale, beta);
  if (call.scalars.beta != 0 && c == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  call.a = reinterpret_cast<std::uint64_t>(a);
  call.b = reinterpret_cast<std::uint64_t>(b);
  call.c = reinterpret_cast<std::uint64_t>(c);
  call.d = reinterpret_cast<std::uint64_t>(d);
  call.workspace = reinterpret_cast<std::uint64_t>(workspace);
  const std::uint64_t need = call.candidate.workspace_bytes;
  if (need > workspace_bytes || (need > 0 && workspace == nullptr)) return CUBLAS_STATUS_INVALID_VALUE;
  if (need > 0 && call.workspace % 16 != 0) return CUBLAS_STATUS_INVALID_VALUE;
  const std::uint64_t least = call.problem.is_fp8() ? 16 : call.candidate.algorithm.alignment;
  for (const std::uint64_t pointer : {call.a, call.b, call.d, call.scalars.beta != 0 ? call.c : call.d}) {
    if (!lt::aligned(pointer, least)) return CUBLAS_STATUS_INVALID_VALUE;
  }
  const lt::Problem& p = call.problem;
  const lt::Matrix out{&p.d, call.d, "D"};
  lt::refuse_overlap(out, {&p.a, call.a, "A"});
  lt::refuse_overlap(out, {&p.b, call.b, "B"});
  if (call.scalars.beta != 0 && call.c != call.d) lt::refuse_overlap(out, {&p.c, call.c, "C"});
  if (call.c == call.d && std::memcmp(&p.c, &p.d, sizeof p.c) != 0) return CUBLAS_STATUS_INVALID_VALUE;

  const auto cost = static_cast<double>(cost_ns(lt::flop_of(p), lt::bytes_touched(p))) * call.candidate.slowness;
  enqueue(stream, __func__, static_cast<std::uint64_t>(cost), [call] { lt::run(call); });
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
