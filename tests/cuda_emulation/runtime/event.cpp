#include "tests/cuda_emulation/runtime/event.hpp"

#include <utility>

#include "tests/cuda_emulation/runtime/entry.hpp"
#include "tests/cuda_emulation/runtime/graph.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"
#include "tests/cuda_emulation/runtime/stream.hpp"

namespace geomsu::emulation {
namespace {

cudaError_t make(cudaEvent_t* out, unsigned flags) {
  constexpr unsigned kKnown = cudaEventBlockingSync | cudaEventDisableTiming;
  if ((flags & cudaEventInterprocess) != 0) die("cudaEventCreateWithFlags: events between processes are not emulated");
  if (out == nullptr || (flags & ~kKnown) != 0) return cudaErrorInvalidValue;
  auto event = std::make_unique<Event>();
  event->device = current_device();
  event->flags = flags;
  *out = events().add(std::move(event));
  return cudaSuccess;
}

cudaError_t record(Lock& lock, cudaEvent_t handle, cudaStream_t stream_handle) {
  Event* const event = events().find(handle, "cudaEventRecord");
  Stream* const stream = stream_of(stream_handle, "cudaEventRecord");
  if (event == nullptr || stream == nullptr || event->device != stream->device) return cudaErrorInvalidResourceHandle;
  event->capture = stream->capture;
  event->captured = stream->captured;
  event->recorded = nullptr;
  if (stream->capture) return cudaSuccess;
  event->recorded = append(lock, *stream, {"an event", 0, nullptr, true});
  return cudaSuccess;
}

cudaError_t wait_in_capture(Stream& stream, const Event& event) {
  if (!event.capture) return cudaErrorStreamCaptureIsolation;
  if (stream.capture && stream.capture != event.capture) return cudaErrorStreamCaptureMerge;
  if (stream.legacy) return cudaErrorStreamCaptureImplicit;
  stream.capture = event.capture;
  stream.captured.insert(stream.captured.end(), event.captured.begin(), event.captured.end());
  return cudaSuccess;
}

bool is_over(const Event& event) {
  return event.recorded->state == Operation::State::kDone && event.recorded->end_ns <= emulated_process().now_ns();
}

cudaError_t elapsed(float* ms, const Event* start, const Event* end) {
  if (ms == nullptr) return cudaErrorInvalidValue;
  if (start == nullptr || end == nullptr || !start->recorded || !end->recorded || start->device != end->device ||
      ((start->flags | end->flags) & cudaEventDisableTiming) != 0) {
    return cudaErrorInvalidResourceHandle;
  }
  if (!is_over(*start) || !is_over(*end)) return cudaErrorNotReady;
  const auto ns = static_cast<std::int64_t>(end->recorded->end_ns - start->recorded->end_ns);
  *ms = static_cast<float>(static_cast<double>(ns) * 1e-6);
  return cudaSuccess;
}

}  // namespace

HandleTable<cudaEvent_t, Event>& events() {
  static auto& all = *std::make_unique<HandleTable<cudaEvent_t, Event>>("event", 0x7200000000U).release();
  return all;
}

}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

cudaError_t cudaEventCreate(cudaEvent_t* out) {
  return enter("cudaEventCreate", Needs::kContext, [&](Lock&) { return make(out, cudaEventDefault); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* out, unsigned flags) {
  return enter("cudaEventCreateWithFlags", Needs::kContext, [&](Lock&) { return make(out, flags); });
}

cudaError_t cudaEventDestroy(cudaEvent_t handle) {
  return enter("cudaEventDestroy", Needs::kContext, [&](Lock&) {
    if (events().find(handle, "cudaEventDestroy") == nullptr) return cudaErrorInvalidResourceHandle;
    events().take(handle);
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return enter("cudaEventRecord", Needs::kContext, [&](Lock& lock) { return record(lock, event, stream); });
}

cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  return enter("cudaEventRecordWithFlags", Needs::kContext, [&](Lock& lock) {
    if (flags != cudaEventRecordDefault) die("cudaEventRecordWithFlags: external events are not emulated");
    return record(lock, event, stream);
  });
}

cudaError_t cudaEventQuery(cudaEvent_t handle) {
  return enter("cudaEventQuery", Needs::kContext, [&](Lock& lock) {
    const Event* const event = events().find(handle, "cudaEventQuery");
    if (event == nullptr) return cudaErrorInvalidResourceHandle;
    if (event->capture) return cudaErrorCapturedEvent;
    const auto recorded = event->recorded;
    return !recorded || poll(lock, recorded) ? cudaSuccess : cudaErrorNotReady;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
  return enter("cudaEventSynchronize", Needs::kContext, [&](Lock& lock) {
    const Event* const event = events().find(handle, "cudaEventSynchronize");
    if (event == nullptr) return cudaErrorInvalidResourceHandle;
    if (event->capture) return cudaErrorCapturedEvent;
    if (const auto recorded = event->recorded) {
      finish(lock, recorded);
      return emulated_process().device(recorded->device).lost;
    }
    return cudaSuccess;
  });
}

cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t end) {
  return enter("cudaEventElapsedTime", Needs::kContext, [&](Lock&) {
    return elapsed(ms, events().find(start, "cudaEventElapsedTime"), events().find(end, "cudaEventElapsedTime"));
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream_handle, cudaEvent_t handle, unsigned flags) {
  return enter("cudaStreamWaitEvent", Needs::kContext, [&](Lock&) {
    const Event* const event = events().find(handle, "cudaStreamWaitEvent");
    Stream* const stream = stream_of(stream_handle, "cudaStreamWaitEvent");
    if (event == nullptr || stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (flags != cudaEventWaitDefault) die("cudaStreamWaitEvent: external events are not emulated");
    if (event->capture || stream->capture) return wait_in_capture(*stream, *event);
    if (event->recorded) stream->waits.push_back(event->recorded);
    return cudaSuccess;
  });
}

}  // extern "C"
