// What CUDA, cuBLASLt and NVML return, as an error object that names the call, the code, and what to do next. Nothing
// here ends the process. A device that was lost stays lost: Device remembers it (device.hpp).
#pragma once

#include <cstdint>
#include <string>

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cuda {

// What check() throws. Its words do not say which device it was, who catches it does.
class CallFailure : public plugin::Failure {
 public:
  using plugin::Failure::Failure;
  // The same of the other device of a transfer: where that is lost, this one is not.
  static CallFailure of_peer(const CallFailure& failure, const std::string& peer) {
    CallFailure other(failure.code(), peer + ": " + failure.what());
    other.of_peer_ = true;
    return other;
  }
  bool is_of_peer() const noexcept { return of_peer_; }

 private:
  bool of_peer_ = false;
};

// Success returns; anything else throws CallFailure: "cudaMalloc failed (64 bytes): cudaErrorMemoryAllocation (2), out
// of memory; next: ...". Codes: OUT_OF_MEMORY, UNSUPPORTED, DEVICE_LOST, else INTERNAL.
void check(cudaError_t status, const char* call, const std::string& doing = {});
void check(cublasStatus_t status, const char* call, const std::string& doing = {});

// For destructors, which can tell nobody: what a call left behind must not be met by a later launch, which would be
// blamed for it.
void forget(cudaError_t status) noexcept;

}  // namespace geomsu::cuda
