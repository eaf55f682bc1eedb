// Allocation: device memory, pinned host memory, what a pointer is.
#include <cstring>
#include <string>

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/entry.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"
#include "tests/cuda_emulation/runtime/stream.hpp"

namespace geomsu::emulation {
namespace {

constexpr std::uint64_t kPage = 4096;

std::uint64_t address_of(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }
std::uint64_t charged(std::uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }
std::uint64_t mapped(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage + kPage; }  // with a guard

cudaError_t take(void** out, std::size_t bytes) {
  if (out == nullptr) return cudaErrorInvalidValue;
  *out = nullptr;
  if (bytes == 0) return cudaSuccess;
  Process& process = emulated_process();
  Device& device = process.device(current_device());
  if (charged(bytes) > device.facts.free_bytes - device.taken_bytes || bytes > device.facts.free_bytes) {
    return cudaErrorMemoryAllocation;
  }
  const std::uint64_t address = process.space().take(current_device(), bytes);
  if (address == 0) {
    die("cudaMalloc of " + std::to_string(bytes) + " bytes fits what the node says is free, but not the " +
        std::to_string(kArenaBytes) + " bytes that back a device; next: give the device of the node less `free`");
  }
  device.taken_bytes += charged(bytes);
  *out = reinterpret_cast<void*>(address);  // NOLINT: a device's address
  return cudaSuccess;
}

void give_back(void* pointer, const char* who) {
  Process& process = emulated_process();
  Range range;
  if (!process.space().find(address_of(pointer), range) || range.first != address_of(pointer) || range.pinned) {
    die(std::string(who) + ": " + address_text(address_of(pointer)) +
        " is not the start of live device memory (freed before, or never allocated by cudaMalloc)");
  }
  if (const auto wrong = process.space().give_back(range.first); !wrong.empty()) die(std::string(who) + ": " + wrong);
  process.device(range.device).taken_bytes -= charged(range.last - range.first);
}

cudaError_t host_alloc(void** out, std::size_t bytes, unsigned flags) {
  constexpr unsigned kKnown = cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined;
  if (out == nullptr || (flags & ~kKnown) != 0) return cudaErrorInvalidValue;
  *out = nullptr;
  if (bytes == 0) return cudaSuccess;
  void* const memory = mmap(nullptr, mapped(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return cudaErrorMemoryAllocation;
  mprotect(static_cast<char*>(memory) + mapped(bytes) - kPage, kPage, PROT_NONE);
  std::memset(memory, 0xFF, bytes);
  emulated_process().space().pin(memory, bytes, current_device(), false);
  *out = memory;
  return cudaSuccess;
}

void finish_all(Lock& lock) {
  for (int device = 0; device < emulated_process().device_count(); ++device) finish_device(lock, device);
}

}  // namespace

std::uint64_t cost_ns(double flop, double bytes) {
  const Pace& pace = emulated_process().configuration().node.pace;
  return pace.launch_ns + static_cast<std::uint64_t>(1e9 * (flop / pace.flop_per_s + bytes / pace.bytes_per_s));
}

std::byte* device_bytes(const void* pointer, std::size_t bytes, bool write, const char* who) {
  Process& process = emulated_process();
  const std::uint64_t address = address_of(pointer);
  const std::string words = std::string(who) + ": " + address_text(address) + " + " + std::to_string(bytes) + " bytes";
  Range range;
  if (!process.space().find(address, range)) {
    die(words + (process.space().in_arena(address) ? " lies in no live allocation" : " is not device memory"));
  }
  if (range.pinned) die(words + " is host memory, where memory of a device is wanted");
  if (bytes > range.last - address) {
    die(words + " runs past its allocation of " + std::to_string(range.last - range.first) + " bytes at " +
        address_text(range.first));
  }
  if (!process.space().is_open(current_device(), range.device)) {
    die(words + " is memory of device " + std::to_string(range.device) + ", to which device " +
        std::to_string(current_device()) + " has no peer access");
  }
  const std::uint64_t offset = address - range.first;
  if (write) {
    std::memset(range.written + offset, 1, bytes);
  } else if (const void* const hole = std::memchr(range.written + offset, 0, bytes); hole != nullptr) {
    const auto at = static_cast<const std::uint8_t*>(hole) - (range.written + offset);
    die(words + ": byte " + std::to_string(at) + " is read and was never written");
  }
  return range.alias + offset;
}

}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

cudaError_t cudaMalloc(void** out, std::size_t bytes) {
  return enter("cudaMalloc", Needs::kContext, [&](Lock&) {
    const cudaError_t status = refuse_in_capture();
    return status != cudaSuccess ? status : take(out, bytes);
  });
}

// Waits for the device, as the real one does.
cudaError_t cudaFree(void* pointer) {
  return enter("cudaFree", Needs::kContext, [&](Lock& lock) {
    if (pointer == nullptr) return cudaSuccess;
    if (const cudaError_t status = refuse_in_capture(); status != cudaSuccess) return status;
    Range range;
    if (emulated_process().space().find(address_of(pointer), range)) finish_device(lock, range.device);
    if (emulated_process().device(current_device()).lost != cudaSuccess) return cudaSuccess;  // entry has the status
    give_back(pointer, "cudaFree");
    return cudaSuccess;
  });
}

cudaError_t cudaMallocAsync(void** out, std::size_t bytes, cudaStream_t handle) {
  return enter("cudaMallocAsync", Needs::kContext, [&](Lock&) {
    Stream* const stream = stream_of(handle, "cudaMallocAsync");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (stream->capture) die("cudaMallocAsync while a stream is captured is not emulated");
    return take(out, bytes);
  });
}

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t handle) {
  return enter("cudaFreeAsync", Needs::kContext, [&](Lock& lock) {
    Stream* const stream = stream_of(handle, "cudaFreeAsync");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (stream->capture) die("cudaFreeAsync while a stream is captured is not emulated");
    if (pointer == nullptr) return cudaSuccess;
    put(lock, *stream, {"cudaFreeAsync", 0, [pointer] {
                          const Lock inner(emulated_process().mutex());
                          give_back(pointer, "cudaFreeAsync");
                        }});
    return cudaSuccess;
  });
}

cudaError_t cudaMallocHost(void** out, std::size_t bytes) {
  return enter("cudaMallocHost", Needs::kContext, [&](Lock&) { return host_alloc(out, bytes, 0); });
}

cudaError_t cudaHostAlloc(void** out, std::size_t bytes, unsigned flags) {
  return enter("cudaHostAlloc", Needs::kContext, [&](Lock&) { return host_alloc(out, bytes, flags); });
}

cudaError_t cudaFreeHost(void* pointer) {
  return enter("cudaFreeHost", Needs::kContext, [&](Lock& lock) {
    if (pointer == nullptr) return cudaSuccess;
    finish_all(lock);
    const std::uint64_t bytes = emulated_process().space().unpin(pointer, false);
    if (bytes == 0) {
      die("cudaFreeHost: " + address_text(address_of(pointer)) +
          " is not the start of live pinned memory (freed before, or never allocated by cudaHostAlloc)");
    }
    munmap(pointer, mapped(bytes));
    return cudaSuccess;
  });
}

cudaError_t cudaHostRegister(void* pointer, std::size_t bytes, unsigned flags) {
  return enter("cudaHostRegister", Needs::kContext, [&](Lock&) {
    constexpr unsigned kKnown = cudaHostRegisterPortable | cudaHostRegisterMapped;
    if (pointer == nullptr || bytes == 0 || (flags & ~kKnown) != 0) return cudaErrorInvalidValue;
    AddressSpace& space = emulated_process().space();
    Range range;
    if (space.find(address_of(pointer), range) || space.find(address_of(pointer) + bytes - 1, range)) {
      return cudaErrorHostMemoryAlreadyRegistered;
    }
    space.pin(pointer, bytes, current_device(), true);
    return cudaSuccess;
  });
}

cudaError_t cudaHostUnregister(void* pointer) {
  return enter("cudaHostUnregister", Needs::kContext, [&](Lock& lock) {
    finish_all(lock);
    return emulated_process().space().unpin(pointer, true) == 0 ? cudaErrorHostMemoryNotRegistered : cudaSuccess;
  });
}

cudaError_t cudaHostGetDevicePointer(void** out, void* pointer, unsigned flags) {
  return enter("cudaHostGetDevicePointer", Needs::kContext, [&](Lock&) {
    Range range;
    if (out == nullptr || flags != 0 || !emulated_process().space().find(address_of(pointer), range) || !range.pinned) {
      return cudaErrorInvalidValue;
    }
    *out = pointer;  // unified addressing
    return cudaSuccess;
  });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* out, const void* pointer) {
  return enter("cudaPointerGetAttributes", Needs::kContext, [&](Lock&) {
    if (out == nullptr) return cudaErrorInvalidValue;
    *out = {};
    out->device = -1;
    Range range;
    if (!emulated_process().space().find(address_of(pointer), range)) {
      if (emulated_process().space().in_arena(address_of(pointer))) return cudaErrorInvalidValue;
      out->hostPointer = const_cast<void*>(pointer);  // NOLINT: as CUDA gives it
      return cudaSuccess;                             // cudaMemoryTypeUnregistered
    }
    out->type = range.pinned ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    out->device = range.device;
    out->devicePointer = const_cast<void*>(pointer);                         // NOLINT: as CUDA gives it
    out->hostPointer = range.pinned ? const_cast<void*>(pointer) : nullptr;  // NOLINT: as CUDA gives it
    return cudaSuccess;
  });
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return enter("cudaMemGetInfo", Needs::kContext, [&](Lock&) {
    const Device& device = emulated_process().device(current_device());
    *free = device.facts.free_bytes - device.taken_bytes;
    *total = device.facts.memory_bytes;
    return cudaSuccess;
  });
}

}  // extern "C"
