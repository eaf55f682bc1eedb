// What every entry point does: the fault plan, the lock, the sticky error of the current device, the thread's last
// error.
#pragma once

#include <functional>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/operation.hpp"

namespace geomsu::emulation {

enum class Needs {
  kNothing,  // no device has to be there
  kContext   // makes the current device's context: fails where it is held by others, absent, or lost
};

cudaError_t enter(const char* function, Needs needs, const std::function<cudaError_t(Lock&)>& body);

// Whether no context can be had, or what was lost: what a call that needs the device returns.
cudaError_t context_status(int ordinal);

// The thread's last error; a sticky one of its device stays.
cudaError_t last_error(bool clear);

// Whether a status leaves the context unusable.
bool is_sticky(cudaError_t status);

// This thread runs a host function of cudaLaunchHostFunc, which may not call CUDA.
void mark_host_function(bool begin);

}  // namespace geomsu::emulation
