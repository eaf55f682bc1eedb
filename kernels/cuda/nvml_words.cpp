#include <array>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/cuda/nvml.hpp"

namespace geomsu::cuda::nvml {
namespace {

struct Words {
  Status status;
  const char* name;
  const char* cause;
  const char* next;
};

// What NVML's reference says of each, and what to do about it.
constexpr std::array kWords{
    Words{kUninitialized, "NVML_ERROR_UNINITIALIZED", "NVML was not initialised",
          "this is a fault of the plug-in; report it with this text"},
    Words{kInvalidArgument, "NVML_ERROR_INVALID_ARGUMENT", "NVML does not know what it was asked for",
          "compare the device's address with that of `nvidia-smi -q`"},
    Words{kNotSupported, "NVML_ERROR_NOT_SUPPORTED", "this device or its mode does not offer it",
          "nothing; the value is unknown"},
    Words{kNoPermission, "NVML_ERROR_NO_PERMISSION", "this user may not ask for it",
          "let the user read /dev/nvidia* (in a container: pass the devices in), or run as root"},
    Words{kNotFound, "NVML_ERROR_NOT_FOUND", "the driver has no such device or entry",
          "compare with `nvidia-smi -L`; a device that is missing there is not bound to the driver (dmesg, lspci)"},
    Words{kInsufficientSize, "NVML_ERROR_INSUFFICIENT_SIZE", "the answer is longer than any that is documented",
          "report it with the driver's version"},
    Words{kInsufficientPower, "NVML_ERROR_INSUFFICIENT_POWER", "a power cable of the board is missing or not seated",
          "switch the machine off, seat the board's external power cables, and run again"},
    Words{kDriverNotLoaded, "NVML_ERROR_DRIVER_NOT_LOADED", "the kernel module of the NVIDIA driver is not loaded",
          "load it (`modprobe nvidia`), or install the driver; `dmesg` says why it did not load"},
    Words{kTimeout, "NVML_ERROR_TIMEOUT", "the driver did not answer in time",
          "run again; if it stays, look for XID errors in `dmesg`"},
    Words{kIrqIssue, "NVML_ERROR_IRQ_ISSUE", "the kernel has an interrupt problem with the GPU",
          "look for the GPU's interrupts in `dmesg` and /proc/interrupts; check the mainboard's firmware settings"},
    Words{kLibraryNotFound, "NVML_ERROR_LIBRARY_NOT_FOUND", "NVML could not load a library that it needs",
          "install the driver's user libraries of the driver's own version"},
    Words{kFunctionNotFound, "NVML_ERROR_FUNCTION_NOT_FOUND", "this driver does not have the function",
          "nothing; a newer driver may have it"},
    Words{kCorruptedInforom, "NVML_ERROR_CORRUPTED_INFOROM", "the board's InfoROM is corrupted",
          "have the board's firmware written anew by its maker, or exchange the board"},
    Words{kGpuIsLost, "NVML_ERROR_GPU_IS_LOST", "the GPU has fallen off the bus or is otherwise inaccessible",
          "find its XID in `dmesg` (79: fallen off the bus), restart the machine, and check power, seating and cooling "
          "before it is accepted"},
    Words{kResetRequired, "NVML_ERROR_RESET_REQUIRED", "the GPU wants a reset before it can be used again",
          "find the cause in `dmesg`, then `nvidia-smi --gpu-reset` or restart the machine"},
    Words{kOperatingSystem, "NVML_ERROR_OPERATING_SYSTEM",
          "the control device /dev/nvidiactl is blocked by the operating system or a cgroup",
          "in a container: pass the NVIDIA devices in; else check the cgroup's device rules"},
    Words{kVersionMismatch, "NVML_ERROR_LIB_RM_VERSION_MISMATCH",
          "the driver's library and its kernel module are of different versions",
          "reboot, or unload and load the kernel modules, after a driver update"},
    Words{kInUse, "NVML_ERROR_IN_USE", "the GPU is in use", "end what uses it (`nvidia-smi`), and run again"},
    Words{kMemory, "NVML_ERROR_MEMORY", "NVML had not enough memory", "free host memory, and run again"},
    Words{kNoData, "NVML_ERROR_NO_DATA", "there is no data yet", "nothing; the value is unknown"},
    Words{kInsufficientResources, "NVML_ERROR_INSUFFICIENT_RESOURCES", "the driver ran out of a resource",
          "end other monitoring of the GPU, and run again"},
    Words{kArgumentVersionMismatch, "NVML_ERROR_ARGUMENT_VERSION_MISMATCH",
          "this driver does not know the version of the structure", "nothing; a newer driver may know it"},
    Words{kDeprecated, "NVML_ERROR_DEPRECATED", "the driver no longer offers it", "nothing; the value is unknown"},
    Words{kNotReady, "NVML_ERROR_NOT_READY", "the system is not ready for it", "wait, and run again"},
    Words{kGpuNotFound, "NVML_ERROR_GPU_NOT_FOUND", "the driver sees no GPU",
          "check `lspci -d 10de:` and `dmesg`: a GPU that is seated but not listed is not bound to the driver"},
    Words{kUnknown, "NVML_ERROR_UNKNOWN", "an internal driver error",
          "look for the driver's words in `dmesg`; a restart of the machine may clear it"},
};

const Words* find(Status status) {
  for (const Words& words : kWords) {
    if (words.status == status) return &words;
  }
  return nullptr;
}

}  // namespace

std::string name_of(Status status) {
  if (status == kSuccess) return "NVML_SUCCESS";
  const Words* words = find(status);
  return words == nullptr ? "NVML status " + std::to_string(status) : words->name;
}

std::string words_of(Status status, const std::string& function, const std::string& where) {
  const Words* words = find(status);
  std::string text = function + (where.empty() ? "" : " for " + where) + " answered " + name_of(status) + " (" +
                     std::to_string(status) + "): ";
  if (words == nullptr) return text + "a status that this plug-in does not know; next: look it up in NVML's reference";
  return text + words->cause + "; next: " + words->next;
}

std::uint32_t code_of(Status status) {
  switch (status) {
    case kGpuIsLost:
    case kResetRequired:
      return GEOMSU_DEVICE_LOST;
    case kMemory:
      return GEOMSU_OUT_OF_MEMORY;
    case kTimeout:
      return GEOMSU_TIMEOUT;
    case kNotSupported:
    case kNoPermission:
    case kNotFound:
    case kInsufficientPower:
    case kDriverNotLoaded:
    case kLibraryNotFound:
    case kFunctionNotFound:
    case kOperatingSystem:
    case kVersionMismatch:
    case kGpuNotFound:
      return GEOMSU_UNSUPPORTED;
    default:
      return GEOMSU_INTERNAL;
  }
}

}  // namespace geomsu::cuda::nvml
