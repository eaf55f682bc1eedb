// Devices: which there are, what they are, who is a peer of whom.
#include <cctype>
#include <cstdio>
#include <cstring>
#include <string>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/capability.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/entry.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"

namespace geomsu::emulation {
namespace {

// domain, bus, device
struct Pci {
  unsigned domain = 0, bus = 0, device = 0;
};
bool read_pci(const char* text, Pci& out) {
  return std::sscanf(text, "%x:%x:%x", &out.domain, &out.bus, &out.device) == 3;
}

cudaDeviceProp properties_of(const Device& device) {
  const NodeDevice& facts = device.facts;
  const Limits limits = limits_of(10 * facts.major + facts.minor);
  cudaDeviceProp out{};
  std::snprintf(out.name, sizeof out.name, "EMULATED (CPU) %s", facts.name.c_str());
  std::memcpy(out.uuid.bytes, facts.uuid.data(), sizeof out.uuid.bytes);
  out.totalGlobalMem = facts.memory_bytes;
  out.sharedMemPerBlock = 48U << 10U;
  out.sharedMemPerBlockOptin = limits.shared_opt_in;
  out.sharedMemPerMultiprocessor = limits.shared;
  out.reservedSharedMemPerBlock = 1024;
  out.regsPerBlock = out.regsPerMultiprocessor = 65536;
  out.warpSize = 32;
  out.memPitch = 0x7fffffff;
  out.maxThreadsPerBlock = out.maxThreadsDim[0] = out.maxThreadsDim[1] = 1024;
  out.maxThreadsDim[2] = 64;
  out.maxGridSize[0] = 0x7fffffff;
  out.maxGridSize[1] = out.maxGridSize[2] = 65535;
  out.totalConstMem = 65536;
  out.major = facts.major;
  out.minor = facts.minor;
  out.textureAlignment = 512;
  out.multiProcessorCount = facts.multiprocessors;
  out.canMapHostMemory = out.concurrentKernels = out.unifiedAddressing = out.streamPrioritiesSupported = 1;
  out.hostRegisterSupported = out.memoryPoolsSupported = 1;
  out.asyncEngineCount = 2;
  out.l2CacheSize = static_cast<int>(facts.l2_bytes);
  out.maxThreadsPerMultiProcessor = static_cast<int>(limits.threads);
  out.maxBlocksPerMultiProcessor = static_cast<int>(limits.blocks);
  Pci pci;
  read_pci(facts.pci.c_str(), pci);
  out.pciDomainID = static_cast<int>(pci.domain);
  out.pciBusID = static_cast<int>(pci.bus);
  out.pciDeviceID = static_cast<int>(pci.device);
  return out;
}

int attribute_of(const Device& device, cudaDeviceAttr attribute) {
  const cudaDeviceProp all = properties_of(device);
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      return all.maxThreadsPerBlock;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return static_cast<int>(all.sharedMemPerBlock);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(all.sharedMemPerBlockOptin);
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return static_cast<int>(all.sharedMemPerMultiprocessor);
    case cudaDevAttrReservedSharedMemoryPerBlock:
      return static_cast<int>(all.reservedSharedMemPerBlock);
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      return all.maxThreadsPerMultiProcessor;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      return all.maxBlocksPerMultiProcessor;
    case cudaDevAttrWarpSize:
      return all.warpSize;
    case cudaDevAttrMultiProcessorCount:
      return all.multiProcessorCount;
    case cudaDevAttrL2CacheSize:
      return all.l2CacheSize;
    case cudaDevAttrComputeCapabilityMajor:
      return all.major;
    case cudaDevAttrComputeCapabilityMinor:
      return all.minor;
    case cudaDevAttrPciDomainId:
      return all.pciDomainID;
    case cudaDevAttrPciBusId:
      return all.pciBusID;
    case cudaDevAttrPciDeviceId:
      return all.pciDeviceID;
    case cudaDevAttrComputeMode:
      return static_cast<int>(device.facts.compute_mode);
    case cudaDevAttrCanMapHostMemory:
    case cudaDevAttrUnifiedAddressing:
    case cudaDevAttrConcurrentKernels:
    case cudaDevAttrCanUseHostPointerForRegisteredMem:
    case cudaDevAttrMemoryPoolsSupported:
      return 1;
    case cudaDevAttrIntegrated:
      return 0;
    case cudaDevAttrAsyncEngineCount:
      return all.asyncEngineCount;
    default:
      die("cudaDeviceGetAttribute: attribute " + std::to_string(attribute) + " is not emulated");
  }
}

cudaError_t check_pair(int device, int peer) {
  const Process& process = emulated_process();
  return process.has(device) && process.has(peer) ? cudaSuccess : cudaErrorInvalidDevice;
}

cudaError_t driver_status() {
  const Process& process = emulated_process();
  if (process.configuration().node.driver < CUDART_VERSION / 1000 * 1000) return cudaErrorInsufficientDriver;
  return process.device_count() == 0 ? cudaErrorNoDevice : cudaSuccess;
}

}  // namespace
}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  return enter("cudaGetDeviceCount", Needs::kNothing, [&](Lock&) {
    const cudaError_t status = driver_status();
    *count = status == cudaSuccess ? emulated_process().device_count() : 0;
    return status;
  });
}

cudaError_t cudaSetDevice(int ordinal) {
  return enter("cudaSetDevice", Needs::kNothing, [&](Lock&) {
    if (const cudaError_t status = driver_status(); status != cudaSuccess) return status;
    if (!emulated_process().has(ordinal)) return cudaErrorInvalidDevice;
    const cudaError_t status = context_status(ordinal);
    if (status != cudaErrorDevicesUnavailable || emulated_process().device(ordinal).lost != cudaSuccess) {
      exchange_current_device(ordinal);
    }
    return status;
  });
}

// Flags of waiting and mapping change nothing here: nobody waits in real time.
cudaError_t cudaSetDeviceFlags(unsigned flags) {
  return enter("cudaSetDeviceFlags", Needs::kContext, [&](Lock&) {
    const unsigned schedule = flags & cudaDeviceScheduleMask;
    const bool one_of_them = schedule == cudaDeviceScheduleAuto || schedule == cudaDeviceScheduleSpin ||
                             schedule == cudaDeviceScheduleYield || schedule == cudaDeviceScheduleBlockingSync;
    constexpr unsigned kKnown =
        cudaDeviceScheduleMask | cudaDeviceMapHost | cudaDeviceLmemResizeToMax | cudaDeviceSyncMemops;
    return one_of_them && (flags & ~kKnown) == 0 ? cudaSuccess : cudaErrorInvalidValue;
  });
}

cudaError_t cudaGetDevice(int* ordinal) {
  return enter("cudaGetDevice", Needs::kNothing, [&](Lock&) {
    *ordinal = current_device();
    return driver_status();
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* out, int ordinal) {
  return enter("cudaGetDeviceProperties", Needs::kNothing, [&](Lock&) {
    if (!emulated_process().has(ordinal)) return cudaErrorInvalidDevice;
    *out = properties_of(emulated_process().device(ordinal));
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetAttribute(int* out, cudaDeviceAttr attribute, int ordinal) {
  return enter("cudaDeviceGetAttribute", Needs::kNothing, [&](Lock&) {
    if (!emulated_process().has(ordinal)) return cudaErrorInvalidDevice;
    *out = attribute_of(emulated_process().device(ordinal), attribute);
    return cudaSuccess;
  });
}

// In capitals, which NVML and the operating system do not use.
cudaError_t cudaDeviceGetPCIBusId(char* out, int length, int ordinal) {
  return enter("cudaDeviceGetPCIBusId", Needs::kNothing, [&](Lock&) {
    if (!emulated_process().has(ordinal)) return cudaErrorInvalidDevice;
    const std::string& pci = emulated_process().device(ordinal).facts.pci;
    if (out == nullptr || length <= static_cast<int>(pci.size())) return cudaErrorInvalidValue;
    for (std::size_t i = 0; i <= pci.size(); ++i) {
      out[i] = i < pci.size() ? static_cast<char>(std::toupper(static_cast<unsigned char>(pci[i]))) : '\0';
    }
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetByPCIBusId(int* out, const char* text) {
  return enter("cudaDeviceGetByPCIBusId", Needs::kNothing, [&](Lock&) {
    Pci wanted;
    if (out == nullptr || text == nullptr || !read_pci(text, wanted)) return cudaErrorInvalidValue;
    for (int ordinal = 0; ordinal < emulated_process().device_count(); ++ordinal) {
      Pci pci;
      read_pci(emulated_process().device(ordinal).facts.pci.c_str(), pci);
      if (pci.domain != wanted.domain || pci.bus != wanted.bus || pci.device != wanted.device) continue;
      *out = ordinal;
      return cudaSuccess;
    }
    return cudaErrorInvalidDevice;
  });
}

cudaError_t cudaDriverGetVersion(int* version) {
  return enter("cudaDriverGetVersion", Needs::kNothing, [&](Lock&) {
    *version = emulated_process().configuration().node.driver;
    return cudaSuccess;
  });
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  return enter("cudaRuntimeGetVersion", Needs::kNothing, [&](Lock&) {
    *version = CUDART_VERSION;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return enter("cudaDeviceCanAccessPeer", Needs::kNothing, [&](Lock&) {
    if (const cudaError_t status = check_pair(device, peer); status != cudaSuccess) return status;
    *can = emulated_process().can_reach(device, peer) ? 1 : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  return enter("cudaDeviceEnablePeerAccess", Needs::kContext, [&](Lock&) {
    if (flags != 0) return cudaErrorInvalidValue;
    const int device = current_device();
    if (check_pair(device, peer) != cudaSuccess || device == peer) return cudaErrorInvalidDevice;
    if (!emulated_process().can_reach(device, peer)) return cudaErrorPeerAccessUnsupported;
    if (emulated_process().space().is_open(device, peer)) return cudaErrorPeerAccessAlreadyEnabled;
    emulated_process().space().open(device, peer);
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceDisablePeerAccess(int peer) {
  return enter("cudaDeviceDisablePeerAccess", Needs::kContext, [&](Lock&) {
    const int device = current_device();
    if (check_pair(device, peer) != cudaSuccess || device == peer) return cudaErrorInvalidDevice;
    if (!emulated_process().space().is_open(device, peer)) return cudaErrorPeerAccessNotEnabled;
    emulated_process().space().close(device, peer);
    return cudaSuccess;
  });
}

}  // extern "C"
