#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/cublaslt/descriptors.hpp"
#include "tests/cuda_emulation/cublaslt/handle.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"

struct cublasLtContext {
  int device = 0;
};

namespace geomsu::emulation::lt {
namespace {

// Handles are told from their addresses, so that a dead one is never looked into.
struct Handles {
  std::mutex mutex;
  std::set<cublasLtHandle_t> live;
};
Handles& handles() {  // never destroyed: looked at when the process ends
  static const auto all = std::make_unique<Handles>().release();
  return *all;
}

struct Status {
  cublasStatus_t status;
  const char* name;
  const char* words;
};
constexpr Status kStatuses[] = {
    {CUBLAS_STATUS_SUCCESS, "CUBLAS_STATUS_SUCCESS", "success"},
    {CUBLAS_STATUS_NOT_INITIALIZED, "CUBLAS_STATUS_NOT_INITIALIZED", "the library was not initialized"},
    {CUBLAS_STATUS_ALLOC_FAILED, "CUBLAS_STATUS_ALLOC_FAILED", "the resource allocation failed"},
    {CUBLAS_STATUS_INVALID_VALUE, "CUBLAS_STATUS_INVALID_VALUE",
     "an unsupported value or parameter was passed to the function"},
    {CUBLAS_STATUS_ARCH_MISMATCH, "CUBLAS_STATUS_ARCH_MISMATCH",
     "the function requires an architectural feature absent from the device"},
    {CUBLAS_STATUS_MAPPING_ERROR, "CUBLAS_STATUS_MAPPING_ERROR", "an access to GPU memory space failed"},
    {CUBLAS_STATUS_EXECUTION_FAILED, "CUBLAS_STATUS_EXECUTION_FAILED", "the function failed to launch on the GPU"},
    {CUBLAS_STATUS_INTERNAL_ERROR, "CUBLAS_STATUS_INTERNAL_ERROR", "an internal operation failed"},
    {CUBLAS_STATUS_NOT_SUPPORTED, "CUBLAS_STATUS_NOT_SUPPORTED", "the requested functionality is not supported"},
    {CUBLAS_STATUS_LICENSE_ERROR, "CUBLAS_STATUS_LICENSE_ERROR", "the license check failed"},
};

// At the process's end. The runtime's report decides by its configuration whether leaks fail; handles hold none of its
// memory, so this one always tells and never fails.
__attribute__((destructor)) void report_leaks() {
  const std::size_t left = handles().live.size();
  if (left == 0 && live_descriptors() == 0) return;
  std::fprintf(stderr, "CUDA emulation: leak: of cuBLASLt %zu handles and %lld descriptors\n", left,
               static_cast<long long>(live_descriptors()));
}

}  // namespace

bool is_live(cublasLtHandle_t handle, const char* who) {
  if (handle == nullptr) return false;
  {
    const std::lock_guard lock(handles().mutex);
    if (!handles().live.contains(handle)) die(std::string(who) + ": the handle is none, or was destroyed");
  }
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess) return false;
  if (device != handle->device) {
    die(std::string(who) + ": the handle is of device " + std::to_string(handle->device) + ", but device " +
        std::to_string(device) + " is current");
  }
  return true;
}

}  // namespace geomsu::emulation::lt

using namespace geomsu::emulation;

extern "C" {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  if (const int status = planned_fault(__func__)) return static_cast<cublasStatus_t>(status);
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  auto made = std::make_unique<cublasLtContext>();
  if (cudaGetDevice(&made->device) != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  const std::lock_guard lock(lt::handles().mutex);
  lt::handles().live.insert(made.get());
  *handle = made.release();
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  const std::lock_guard lock(lt::handles().mutex);
  if (lt::handles().live.erase(handle) == 0) die("cublasLtDestroy: the handle is none, or was destroyed before");
  const std::unique_ptr<cublasLtContext> gone(handle);
  return CUBLAS_STATUS_SUCCESS;
}

size_t cublasLtGetVersion() { return CUBLAS_VERSION; }
size_t cublasLtGetCudartVersion() { return CUDART_VERSION; }

const char* cublasLtGetStatusName(cublasStatus_t status) {
  for (const auto& row : lt::kStatuses) {
    if (row.status == status) return row.name;
  }
  return "unrecognized status";
}
const char* cublasLtGetStatusString(cublasStatus_t status) {
  for (const auto& row : lt::kStatuses) {
    if (row.status == status) return row.words;
  }
  return "unrecognized status";
}

}  // extern "C"
