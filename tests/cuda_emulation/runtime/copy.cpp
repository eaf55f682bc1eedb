// Copies and memset. What CUDA leaves undefined (a kind that the pointers contradict, bytes outside an allocation) ends
// the process. Memory of another device needs no peer access here: the driver then goes through the host.
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/entry.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"
#include "tests/cuda_emulation/runtime/stream.hpp"

namespace geomsu::emulation {
namespace {

// `rows` rows of `width` bytes; a plain copy is one row.
struct Shape {
  std::size_t width = 0, rows = 1, to_pitch = 0, from_pitch = 0;
  std::size_t to_span() const { return (rows - 1) * to_pitch + width; }
  std::size_t from_span() const { return (rows - 1) * from_pitch + width; }
};

enum class Where { kDevice, kPinned, kPageable };

struct Side {
  Where where = Where::kPageable;
  std::byte* bytes = nullptr;
  std::uint8_t* written = nullptr;
};

// Where [pointer, pointer + bytes) lies; ends the process where that is no place.
Side side_of(const void* pointer, std::size_t bytes, const char* who) {
  AddressSpace& space = emulated_process().space();
  const auto address = reinterpret_cast<std::uint64_t>(pointer);
  Range range;
  if (!space.find(address, range)) {
    if (space.in_arena(address)) die(std::string(who) + ": " + address_text(address) + " lies in no live allocation");
    return {Where::kPageable, static_cast<std::byte*>(const_cast<void*>(pointer)), nullptr};  // NOLINT: both ways
  }
  const std::uint64_t offset = address - range.first;
  if (bytes > range.last - address) {
    die(std::string(who) + ": " + std::to_string(bytes) + " bytes at " + address_text(address) +
        " run past an allocation of " + std::to_string(range.last - range.first) + " bytes at " +
        address_text(range.first));
  }
  return {range.pinned ? Where::kPinned : Where::kDevice, range.alias + offset,
          range.pinned ? nullptr : range.written + offset};
}

cudaMemcpyKind kind_of(const Side& to, const Side& from) {
  const bool to_device = to.where == Where::kDevice, from_device = from.where == Where::kDevice;
  if (to_device) return from_device ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice;
  return from_device ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost;
}

const char* text_of(cudaMemcpyKind kind) {
  constexpr const char* kTexts[] = {"host to host", "host to device", "device to host", "device to device"};
  return kTexts[kind];
}

void copy_rows(const Side& to, const Side& from, const Shape& shape) {
  for (std::size_t row = 0; row < shape.rows; ++row) {
    const std::size_t at = row * shape.to_pitch, from_at = row * shape.from_pitch;
    std::memmove(to.bytes + at, from.bytes + from_at, shape.width);
    if (to.written == nullptr) continue;
    if (from.written == nullptr) {
      std::memset(to.written + at, 1, shape.width);
    } else {
      std::memmove(to.written + at, from.written + from_at, shape.width);  // what was never written stays so
    }
  }
}

struct Copy {
  const char* who = "";
  void* to = nullptr;
  const void* from = nullptr;
  Shape shape;
  cudaMemcpyKind kind = cudaMemcpyDefault;
  bool async = false;
};

cudaError_t copy(Lock& lock, const Copy& copy, cudaStream_t handle) {
  const Shape shape = copy.shape;
  if (shape.width == 0 || shape.rows == 0) return cudaSuccess;
  if (copy.to == nullptr || copy.from == nullptr) return cudaErrorInvalidValue;
  if (copy.kind < cudaMemcpyHostToHost || copy.kind > cudaMemcpyDefault) return cudaErrorInvalidMemcpyDirection;
  if (shape.width > shape.to_pitch || shape.width > shape.from_pitch) return cudaErrorInvalidPitchValue;
  if (!copy.async) {
    if (const cudaError_t status = refuse_in_capture(); status != cudaSuccess) return status;
  }
  Stream* const stream = stream_of(handle, copy.who);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  const Side to = side_of(copy.to, shape.to_span(), copy.who);
  const Side from = side_of(copy.from, shape.from_span(), copy.who);
  const cudaMemcpyKind kind = kind_of(to, from);
  if (copy.kind != cudaMemcpyDefault && copy.kind != kind) {
    die(std::string(copy.who) + ": the kind says " + text_of(copy.kind) + ", the pointers " + text_of(kind));
  }
  const bool pageable = to.where == Where::kPageable || from.where == Where::kPageable;
  if (stream->capture && pageable) die(std::string(copy.who) + " of pageable memory in a capture is not emulated");
  // Pageable memory is read before the call returns, and the copy into the device is made later.
  std::shared_ptr<std::vector<std::byte>> staged;
  if (kind == cudaMemcpyHostToDevice && from.where == Where::kPageable) {
    if (!copy.async) finish_stream(lock, *stream);
    staged = std::make_shared<std::vector<std::byte>>(from.bytes, from.bytes + shape.from_span());
  }
  const auto run = [copy, shape, staged] {
    const Side source =
        staged ? Side{Where::kPageable, staged->data(), nullptr} : side_of(copy.from, shape.from_span(), copy.who);
    copy_rows(side_of(copy.to, shape.to_span(), copy.who), source, shape);
  };
  const auto bytes = static_cast<double>(shape.width * shape.rows);
  const auto operation = put(lock, *stream, {copy.who, cost_ns(0, bytes), run, true});
  const bool waits = kind == cudaMemcpyHostToHost     ? pageable || !copy.async
                     : kind == cudaMemcpyDeviceToHost ? pageable || !copy.async
                     : kind == cudaMemcpyHostToDevice ? !copy.async && !pageable
                                                      : false;
  if (operation && waits) finish(lock, operation);
  return cudaSuccess;
}

cudaError_t fill(Lock& lock, const char* who, void* to, int value, std::size_t bytes, cudaStream_t handle) {
  if (bytes == 0) return cudaSuccess;
  Stream* const stream = stream_of(handle, who);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (side_of(to, bytes, who).where == Where::kPageable) return cudaErrorInvalidValue;
  const auto run = [who, to, value, bytes] {
    const Side side = side_of(to, bytes, who);
    std::memset(side.bytes, value, bytes);
    if (side.written != nullptr) std::memset(side.written, 1, bytes);
  };
  put(lock, *stream, {who, cost_ns(0, static_cast<double>(bytes)), run, true});
  return cudaSuccess;
}

// That the pointers belong to the devices that the caller names.
cudaError_t check_peers(const char* who, const void* to, int to_device, const void* from, int from_device) {
  Process& process = emulated_process();
  if (!process.has(to_device) || !process.has(from_device)) return cudaErrorInvalidDevice;
  for (const auto& [pointer, device] : {std::pair(to, to_device), std::pair(from, from_device)}) {
    Range range;
    if (!process.space().find(reinterpret_cast<std::uint64_t>(pointer), range) || range.pinned ||
        range.device != device) {
      die(std::string(who) + ": " + address_text(reinterpret_cast<std::uint64_t>(pointer)) +
          " is not memory of device " + std::to_string(device));
    }
  }
  return cudaSuccess;
}

Shape row(std::size_t bytes) { return {bytes, 1, bytes, bytes}; }

}  // namespace
}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return enter("cudaMemcpy", Needs::kContext, [&](Lock& lock) {
    return copy(lock, {"cudaMemcpy", to, from, row(bytes), kind, false}, nullptr);
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return enter("cudaMemcpyAsync", Needs::kContext, [&](Lock& lock) {
    return copy(lock, {"cudaMemcpyAsync", to, from, row(bytes), kind, true}, stream);
  });
}

cudaError_t cudaMemcpy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t width,
                         std::size_t height, cudaMemcpyKind kind) {
  return enter("cudaMemcpy2D", Needs::kContext, [&](Lock& lock) {
    return copy(lock, {"cudaMemcpy2D", to, from, {width, height, to_pitch, from_pitch}, kind, false}, nullptr);
  });
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  return enter("cudaMemcpy2DAsync", Needs::kContext, [&](Lock& lock) {
    return copy(lock, {"cudaMemcpy2DAsync", to, from, {width, height, to_pitch, from_pitch}, kind, true}, stream);
  });
}

cudaError_t cudaMemcpyPeer(void* to, int to_device, const void* from, int from_device, std::size_t bytes) {
  return enter("cudaMemcpyPeer", Needs::kContext, [&](Lock& lock) {
    const cudaError_t status = check_peers("cudaMemcpyPeer", to, to_device, from, from_device);
    if (status != cudaSuccess) return status;
    return copy(lock, {"cudaMemcpyPeer", to, from, row(bytes), cudaMemcpyDeviceToDevice, false}, nullptr);
  });
}

cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, std::size_t bytes,
                                cudaStream_t stream) {
  return enter("cudaMemcpyPeerAsync", Needs::kContext, [&](Lock& lock) {
    const cudaError_t status = check_peers("cudaMemcpyPeerAsync", to, to_device, from, from_device);
    if (status != cudaSuccess) return status;
    return copy(lock, {"cudaMemcpyPeerAsync", to, from, row(bytes), cudaMemcpyDeviceToDevice, true}, stream);
  });
}

cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return enter("cudaMemset", Needs::kContext, [&](Lock& lock) {
    const cudaError_t status = refuse_in_capture();
    return status != cudaSuccess ? status : fill(lock, "cudaMemset", to, value, bytes, nullptr);
  });
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return enter("cudaMemsetAsync", Needs::kContext,
               [&](Lock& lock) { return fill(lock, "cudaMemsetAsync", to, value, bytes, stream); });
}

}  // extern "C"
