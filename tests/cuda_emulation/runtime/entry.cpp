#include "tests/cuda_emulation/runtime/entry.hpp"

#include <cstdlib>
#include <string>
#include <utility>

#include "tests/cuda_emulation/runtime/process.hpp"

namespace geomsu::emulation {
namespace {

thread_local cudaError_t t_last = cudaSuccess;
thread_local bool t_in_host_function = false;

cudaError_t remember(cudaError_t status) {
  if (status != cudaSuccess) t_last = status;
  return status;
}

}  // namespace

bool is_sticky(cudaError_t status) {
  switch (status) {
    case cudaErrorDevicesUnavailable:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorContained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorContextIsDestroyed:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorMpsClientTerminated:
    case cudaErrorExternalDevice:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

cudaError_t context_status(int ordinal) {
  Process& process = emulated_process();
  if (process.device_count() == 0) return cudaErrorNoDevice;
  const Device& device = process.device(ordinal);
  if (device.facts.busy || device.facts.compute_mode == ComputeMode::kProhibited) return cudaErrorDevicesUnavailable;
  return device.lost;
}

cudaError_t enter(const char* function, Needs needs, const std::function<cudaError_t(Lock&)>& body) {
  Process& process = emulated_process();
  if (t_in_host_function) return remember(cudaErrorNotPermitted);
  const int device = current_device();
  const auto planned = static_cast<cudaError_t>(process.faults().next(function, device));
  Lock lock(process.mutex());
  if (planned != cudaSuccess) {
    if (planned == cudaErrorNotReady) process.move_now_to(process.now_ns() + process.poll_step_ns());
    if (is_sticky(planned) && process.has(device)) process.device(device).lost = planned;
    return remember(planned);
  }
  if (needs == Needs::kNothing) return remember(body(lock));
  if (const cudaError_t status = context_status(device); status != cudaSuccess) return remember(status);
  const cudaError_t status = body(lock);
  const cudaError_t lost = process.device(device).lost;  // by what the call ran
  return remember(lost != cudaSuccess ? lost : status);
}

cudaError_t last_error(bool clear) {
  Process& process = emulated_process();
  const Lock lock(process.mutex());
  const cudaError_t last = clear ? std::exchange(t_last, cudaSuccess) : t_last;
  const bool lost = process.has(current_device()) && process.device(current_device()).lost != cudaSuccess;
  return lost ? process.device(current_device()).lost : last;
}

void mark_host_function(bool begin) { t_in_host_function = begin; }

}  // namespace geomsu::emulation

using geomsu::emulation::enter;
using geomsu::emulation::Needs;

extern "C" {

cudaError_t cudaGetLastError() { return geomsu::emulation::last_error(true); }
cudaError_t cudaPeekAtLastError() { return geomsu::emulation::last_error(false); }

}  // extern "C"
