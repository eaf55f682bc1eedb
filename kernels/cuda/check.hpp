// What CUDA, cuBLASLt and NVML return, as an error object that names the call, the code, and what to do next. Nothing
// here ends the process. A device that was lost stays lost: Device remembers it (device.hpp).
#pragma once

#include <cstdint>
#include <string>

#include <cublasLt.h>
#include <cuda_runtime_api.h>

namespace geomsu::cuda {

// Success returns; anything else throws plugin::Failure: "cudaMalloc failed on device 0 while ...: cudaErrorMemory-
// Allocation (2), out of memory; next: ...". Codes: OUT_OF_MEMORY, UNSUPPORTED, DEVICE_LOST, TIMEOUT, else INTERNAL.
void check(cudaError_t status, const char* call, const std::string& doing = {});
void check(cublasStatus_t status, const char* call, const std::string& doing = {});

// Whether an error leaves the context unusable, so that every later call fails too (sticky in CUDA's words).
bool is_sticky(cudaError_t status);

}  // namespace geomsu::cuda
