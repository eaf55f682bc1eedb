#include "tests/cuda_emulation/runtime/stream.hpp"

#include <map>
#include <string>
#include <utility>

#include "tests/cuda_emulation/runtime/entry.hpp"
#include "tests/cuda_emulation/runtime/graph.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"

namespace geomsu::emulation {
namespace {

std::map<int, Stream>& legacy_streams() {
  static auto& all = *std::make_unique<std::map<int, Stream>>().release();
  return all;
}

Stream& legacy_stream(int device) {
  const auto [place, added] = legacy_streams().try_emplace(device);
  if (added) {
    place->second.device = device;
    place->second.legacy = true;
  }
  return place->second;
}

bool blocks(const Stream& stream) { return !stream.legacy && (stream.flags & cudaStreamNonBlocking) == 0; }

// What the next operation of `stream` comes behind.
std::vector<OperationPtr> before_next(Stream& stream) {
  std::vector<OperationPtr> behind = std::exchange(stream.waits, {});
  behind.push_back(stream.last);
  if (stream.legacy) {
    for (const auto& [handle, other] : streams().all()) {
      if (other->device == stream.device && blocks(*other)) behind.push_back(other->last);
    }
  } else if (blocks(stream)) {
    behind.push_back(legacy_stream(stream.device).last);
  }
  return behind;
}

cudaError_t make(cudaStream_t* out, unsigned flags, int priority) {
  if (out == nullptr || (flags & ~static_cast<unsigned>(cudaStreamNonBlocking)) != 0) return cudaErrorInvalidValue;
  auto stream = std::make_unique<Stream>();
  stream->device = current_device();
  stream->flags = flags;
  stream->priority = priority < -5 ? -5 : priority > 0 ? 0 : priority;  // clamped, as CUDA does
  *out = streams().add(std::move(stream));
  return cudaSuccess;
}

}  // namespace

HandleTable<cudaStream_t, Stream>& streams() {
  static auto& all = *std::make_unique<HandleTable<cudaStream_t, Stream>>("stream", 0x7100000000U).release();
  return all;
}

Stream* stream_of(cudaStream_t handle, const char* who) {
  if (handle == nullptr || handle == cudaStreamLegacy) return &legacy_stream(current_device());
  if (handle == cudaStreamPerThread) die(std::string(who) + ": the default stream of a thread is not emulated");
  return streams().find(handle, who);
}

OperationPtr append(Lock& lock, Stream& stream, Work work) {
  if (stream.capture) {
    auto& nodes = stream.capture->graph.nodes;
    nodes.push_back({stream.device, std::move(work), std::exchange(stream.captured, {nodes.size()})});
    return nullptr;
  }
  auto behind = before_next(stream);
  stream.last = queue(lock, stream.device, std::move(work), std::move(behind));
  return stream.last;
}

OperationPtr put(Lock& lock, Stream& stream, Work work) {
  const int device = stream.device;
  auto operation = append(lock, stream, std::move(work));
  maybe_run_early(lock, device);
  return operation;
}

OperationPtr end_of(Lock& lock, Stream& stream) {
  auto behind = before_next(stream);
  std::erase(behind, nullptr);
  if (behind.empty() || (behind.size() == 1 && behind.front() == stream.last)) return stream.last;
  stream.last = queue(lock, stream.device, {"the stream's end", 0, nullptr, true}, std::move(behind));
  return stream.last;
}

void finish_stream(Lock& lock, Stream& stream) {
  if (const auto last = end_of(lock, stream)) finish(lock, last);
}

void finish_device(Lock& lock, int device) {
  std::vector<OperationPtr> ends;
  for (const auto& [handle, stream] : streams().all()) {
    if (stream->device == device && !stream->capture) ends.push_back(end_of(lock, *stream));
  }
  ends.push_back(end_of(lock, legacy_stream(device)));
  for (const auto& [number, operation] : emulated_process().device(device).queued) {
    ends.push_back(operation);  // of streams that were destroyed since
  }
  for (const OperationPtr& end : ends) {
    if (end) finish(lock, end);
  }
}

cudaError_t refuse_in_capture() {
  cudaError_t status = cudaSuccess;
  for (const auto& [handle, stream] : streams().all()) {
    if (!stream->capture || stream->capture->mode == cudaStreamCaptureModeRelaxed) continue;
    stream->capture->invalid = true;
    status = cudaErrorStreamCaptureUnsupported;
  }
  return status;
}

cudaError_t refuse_in_capture(Stream& stream) {
  if (!stream.capture) return cudaSuccess;
  stream.capture->invalid = true;
  return cudaErrorStreamCaptureUnsupported;
}

}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

cudaError_t cudaStreamCreate(cudaStream_t* out) {
  return enter("cudaStreamCreate", Needs::kContext, [&](Lock&) { return make(out, cudaStreamDefault, 0); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* out, unsigned flags) {
  return enter("cudaStreamCreateWithFlags", Needs::kContext, [&](Lock&) { return make(out, flags, 0); });
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* out, unsigned flags, int priority) {
  return enter("cudaStreamCreateWithPriority", Needs::kContext, [&](Lock&) { return make(out, flags, priority); });
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return enter("cudaDeviceGetStreamPriorityRange", Needs::kContext, [&](Lock&) {
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = -5;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamGetPriority(cudaStream_t handle, int* priority) {
  return enter("cudaStreamGetPriority", Needs::kContext, [&](Lock&) {
    const Stream* const stream = stream_of(handle, "cudaStreamGetPriority");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    *priority = stream->priority;
    return cudaSuccess;
  });
}

// Work that is queued still runs: it has its own hold on what it needs.
cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  return enter("cudaStreamDestroy", Needs::kContext, [&](Lock&) {
    if (handle == nullptr || handle == cudaStreamLegacy || streams().find(handle, "cudaStreamDestroy") == nullptr) {
      return cudaErrorInvalidResourceHandle;
    }
    if (streams().find(handle, "cudaStreamDestroy")->capture) die("cudaStreamDestroy of a stream that is captured");
    streams().take(handle);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  return enter("cudaStreamSynchronize", Needs::kContext, [&](Lock& lock) {
    Stream* const stream = stream_of(handle, "cudaStreamSynchronize");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (const cudaError_t status = refuse_in_capture(*stream); status != cudaSuccess) return status;
    finish_stream(lock, *stream);
    return emulated_process().device(stream->device).lost;
  });
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  return enter("cudaStreamQuery", Needs::kContext, [&](Lock& lock) {
    Stream* const stream = stream_of(handle, "cudaStreamQuery");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (const cudaError_t status = refuse_in_capture(*stream); status != cudaSuccess) return status;
    const auto last = end_of(lock, *stream);
    return !last || poll(lock, last) ? emulated_process().device(stream->device).lost : cudaErrorNotReady;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return enter("cudaDeviceSynchronize", Needs::kContext, [&](Lock& lock) {
    if (const cudaError_t status = refuse_in_capture(); status != cudaSuccess) return status;
    finish_device(lock, current_device());
    return cudaSuccess;
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t function, void* data) {
  return enter("cudaLaunchHostFunc", Needs::kContext, [&](Lock& lock) {
    Stream* const stream = stream_of(handle, "cudaLaunchHostFunc");
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (function == nullptr) return cudaErrorInvalidValue;
    const auto call = [function, data] {
      mark_host_function(true);
      function(data);
      mark_host_function(false);
    };
    put(lock, *stream, {"a host function", emulated_process().configuration().node.pace.launch_ns, call, false});
    return cudaSuccess;
  });
}

}  // extern "C"
