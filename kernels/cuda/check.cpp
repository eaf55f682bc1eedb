#include "kernels/cuda/check.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace geomsu::cuda {
namespace {

// What a person can do about it, by code; what is not listed here has no better advice than the log.
struct Advice {
  int status;
  std::uint32_t code;  // of the ABI
  const char* next;
};

constexpr const char* kLost =
    "the device answers nothing more until it is reset: look for XID lines in the kernel's log (dmesg), reset the GPU "
    "or reboot the node, and inspect the unit again";

// By number: toolkits before 12.9 have no names for them, and a newer driver may still give them.
constexpr int kContained = 226, kTensorMemoryLeak = 721, kExternalDevice = 911;

constexpr std::array kCuda{
    Advice{cudaErrorMemoryAllocation, GEOMSU_OUT_OF_MEMORY,
           "see who else holds the device's memory (nvidia-smi), or ask for a smaller workload"},
    Advice{cudaErrorInsufficientDriver, GEOMSU_UNSUPPORTED,
           "the driver is older than this build's CUDA runtime: update the driver, or build with an older toolkit"},
    Advice{cudaErrorNoDevice, GEOMSU_UNSUPPORTED,
           "no GPU is visible: is one in the node (lspci), is its driver loaded (nvidia-smi), does "
           "CUDA_VISIBLE_DEVICES hide it?"},
    Advice{cudaErrorInitializationError, GEOMSU_UNSUPPORTED,
           "the driver does not start: run nvidia-smi, look into the kernel's log, and on NVSwitch machines see that "
           "nvidia-fabricmanager runs"},
    Advice{cudaErrorSystemNotReady, GEOMSU_UNSUPPORTED,
           "the fabric is not ready: start nvidia-fabricmanager of the driver's own version and wait until it is up"},
    Advice{cudaErrorSystemDriverMismatch, GEOMSU_UNSUPPORTED,
           "the kernel's driver and its libraries are of different versions: reboot after the update"},
    Advice{cudaErrorDevicesUnavailable, GEOMSU_UNSUPPORTED,
           "another process holds the device, or its compute mode forbids it: end that process (nvidia-smi shows it) "
           "or set the compute mode to default"},
    Advice{cudaErrorNoKernelImageForDevice, GEOMSU_UNSUPPORTED,
           "this build has no code for this GPU: build with a toolkit that knows its architecture"},
    Advice{cudaErrorUnsupportedPtxVersion, GEOMSU_UNSUPPORTED,
           "the driver cannot compile this build's PTX: update the driver"},
    Advice{cudaErrorInvalidDeviceFunction, GEOMSU_UNSUPPORTED,
           "this build has no code that runs on this GPU: build with a toolkit that knows its architecture"},
    Advice{cudaErrorJitCompilerNotFound, GEOMSU_UNSUPPORTED,
           "the driver's compiler of PTX (libnvidia-ptxjitcompiler) is missing: install all of the driver's libraries"},
    Advice{cudaErrorStubLibrary, GEOMSU_UNSUPPORTED,
           "the toolkit's stub was loaded in the place of the driver's libcuda: take the folder `stubs` out of "
           "LD_LIBRARY_PATH"},
    Advice{cudaErrorCompatNotSupportedOnDevice, GEOMSU_UNSUPPORTED,
           "a compatibility package stands in for the driver and does not serve this GPU: update the driver itself"},
    Advice{cudaErrorNotSupported, GEOMSU_UNSUPPORTED, "this GPU, its driver or a hypervisor does not offer it"},
    Advice{cudaErrorTooManyPeers, GEOMSU_UNSUPPORTED,
           "the hardware's room for peers is used up (8 without NVSwitch): end who else uses these devices"},
    Advice{cudaErrorOperatingSystem, GEOMSU_UNSUPPORTED,
           "the operating system refused it to the driver: see the rights of /dev/nvidia*, the limit of locked memory "
           "(ulimit -l) and the kernel's log (dmesg)"},
    Advice{cudaErrorPeerAccessUnsupported, GEOMSU_UNSUPPORTED,
           "these two devices have no path to each other: see nvidia-smi topo -p2p r"},
    Advice{cudaErrorECCUncorrectable, GEOMSU_DEVICE_LOST,
           "memory of the device returned an error that ECC could not correct: reset the GPU, see its remapped rows "
           "(nvidia-smi -q -d ROW_REMAPPER), and have it replaced if it comes again"},
    Advice{cudaErrorNvlinkUncorrectable, GEOMSU_DEVICE_LOST,
           "an NVLink had an error that could not be corrected: see nvidia-smi nvlink -e, reset the GPUs of the node"},
    Advice{cudaErrorIllegalAddress, GEOMSU_DEVICE_LOST,
           "a kernel touched memory that is not its own, which is a fault of this plug-in or of the device: run again, "
           "and report it with this text if it stays"},
    Advice{cudaErrorMisalignedAddress, GEOMSU_DEVICE_LOST,
           "a fault of this plug-in or of the device: run again, and report it with this text if it stays"},
    Advice{cudaErrorLaunchFailure, GEOMSU_DEVICE_LOST,
           "a kernel died: run again, and report it with this text if it stays"},
    Advice{cudaErrorLaunchTimeout, GEOMSU_DEVICE_LOST,
           "the driver ended a kernel that ran too long: no display may run on a device under inspection"},
    Advice{cudaErrorHardwareStackError, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorIllegalInstruction, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorInvalidPc, GEOMSU_DEVICE_LOST, kLost},
    Advice{kContained, GEOMSU_DEVICE_LOST, kLost},
    Advice{kExternalDevice, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorDeviceUninitialized, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorInvalidAddressSpace, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorAssert, GEOMSU_DEVICE_LOST, kLost},
    Advice{kTensorMemoryLeak, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorContextIsDestroyed, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorUnknown, GEOMSU_DEVICE_LOST, kLost},
    Advice{cudaErrorMpsClientTerminated, GEOMSU_DEVICE_LOST,
           "the MPS server ended this client, mostly for another's fault: stop it, for a device under inspection is "
           "shared with nobody"},
    Advice{cudaErrorMpsConnectionFailed, GEOMSU_UNSUPPORTED,
           "an MPS server is configured and does not answer: stop it, for a device under inspection is shared with "
           "nobody"},
};

constexpr std::array kLt{
    Advice{CUBLAS_STATUS_NOT_SUPPORTED, GEOMSU_UNSUPPORTED,
           "cuBLASLt has nothing for this combination of types, layout and shape on this GPU"},
    Advice{CUBLAS_STATUS_ARCH_MISMATCH, GEOMSU_UNSUPPORTED, "this GPU lacks what the combination wants"},
    Advice{CUBLAS_STATUS_ALLOC_FAILED, GEOMSU_OUT_OF_MEMORY,
           "see who else holds the device's memory (nvidia-smi), or ask for a smaller workload"},
    Advice{CUBLAS_STATUS_NOT_INITIALIZED, GEOMSU_UNSUPPORTED,
           "cuBLASLt does not start: is libcublasLt of the same toolkit as the runtime, does nvidia-smi show the GPU?"},
    Advice{CUBLAS_STATUS_EXECUTION_FAILED, GEOMSU_DEVICE_LOST,
           "the product did not run to its end: look for XID lines in the kernel's log (dmesg) and inspect again"},
};

template <typename Table>
const Advice* find(const Table& table, int status) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Advice& row) { return row.status == status; });
  return found == table.end() ? nullptr : &*found;
}

[[noreturn]] void fail(const Advice* advice, const char* call, const std::string& doing, const std::string& answer) {
  throw CallFailure(
      advice == nullptr ? GEOMSU_INTERNAL : advice->code,
      std::string(call) + " failed" + (doing.empty() ? "" : " (" + doing + ")") + ": " + answer + "; next: " +
          (advice == nullptr
               ? "a fault of this plug-in or of the installation: look into the kernel's log (dmesg), run again, and "
                 "report it with this text if it stays"
               : advice->next));
}

}  // namespace

void check(cudaError_t status, const char* call, const std::string& doing) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // what is not sticky must not be met again by a later call
  fail(find(kCuda, status), call, doing,
       std::string(cudaGetErrorName(status)) + " (" + std::to_string(status) + "), " + cudaGetErrorString(status));
}

void check(cublasStatus_t status, const char* call, const std::string& doing) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  fail(find(kLt, status), call, doing,
       std::string(cublasLtGetStatusName(status)) + " (" + std::to_string(status) + "), " +
           cublasLtGetStatusString(status));
}

void forget(cudaError_t status) noexcept {
  if (status != cudaSuccess) static_cast<void>(cudaGetLastError());
}

}  // namespace geomsu::cuda
