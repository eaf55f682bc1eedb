#include <cstdint>
#include <cstdio>
#include <thread>

#include <dlfcn.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/tests/kernels.hpp"
#include "tests/cuda_emulation/runtime/tests/scenario.hpp"

using namespace scenarios;  // NOLINT: scenarios are C functions, found by name

namespace {

const geomsu_cuda_emulation& marker() {
  const void* const found = dlsym(RTLD_DEFAULT, "geomsu_cuda_emulation_marker");  // as the plug-in looks for it
  want(found != nullptr, "no marker");
  return *static_cast<const geomsu_cuda_emulation*>(found);
}

// a -> b on one stream, b -> c on another; with or without the event between them. Returns c[0], which is 11 if right.
int two_streams(bool with_event, bool second_first) {
  const NewStream first, second;
  const NewEvent event(cudaEventDisableTiming);
  int* const a = device_ints(64);
  int* const b = device_ints(64);
  int* const c = device_ints(64);
  ok(cudaMemset(a, 0, 256), "cudaMemset");
  ok(cudaMemset(b, 0, 256), "cudaMemset");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  add(b, a, 1, 64, first.handle);
  ok(cudaEventRecord(event.handle, first.handle), "cudaEventRecord");
  if (with_event) ok(cudaStreamWaitEvent(second.handle, event.handle, 0), "cudaStreamWaitEvent");
  add(c, b, 10, 64, second.handle);
  ok(cudaStreamSynchronize(second_first ? second.handle : first.handle), "cudaStreamSynchronize");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  const int out = to_host(c, 64)[0];
  for (int* const pointer : {a, b, c}) ok(cudaFree(pointer), "cudaFree");
  return out;
}

}  // namespace

extern "C" {

void a_missing_wait_shows_old_data() {
  const NewStream stream;
  int* const device = device_ints(64);
  int* const pinned = pinned_ints(64);
  pinned[0] = 0;
  ok(cudaMemsetAsync(device, 0, 256, stream.handle), "cudaMemsetAsync");
  add(device, device, 4, 64, stream.handle);
  ok(cudaMemcpyAsync(pinned, device, 256, cudaMemcpyDeviceToHost, stream.handle), "cudaMemcpyAsync");
  want(pinned[0] == 0, "the copy was made before anybody waited");
  ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");
  want(pinned[0] == 4, "the copy was not made");
  ok(cudaFree(device), "cudaFree");
  ok(cudaFreeHost(pinned), "cudaFreeHost");
}

// The host overwrites what an asynchronous copy has yet to read.
void pinned_memory_is_read_late_and_pageable_memory_early() {
  const NewStream stream;
  int* const device = device_ints(1);
  int* const pinned = pinned_ints(1);
  *pinned = 1;
  ok(cudaMemcpyAsync(device, pinned, 4, cudaMemcpyHostToDevice, stream.handle), "cudaMemcpyAsync");
  *pinned = 2;
  ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");
  want(to_host(device, 1)[0] == 2, "pinned memory was read before anybody waited");
  int local = 3;
  ok(cudaMemcpyAsync(device, &local, 4, cudaMemcpyHostToDevice, stream.handle), "cudaMemcpyAsync");
  local = 4;
  ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");
  want(to_host(device, 1)[0] == 3, "pageable memory was read late");
  ok(cudaMemcpyAsync(&local, device, 4, cudaMemcpyDeviceToHost, stream.handle), "cudaMemcpyAsync");
  want(local == 3, "a copy to pageable memory did not wait");
  ok(cudaFree(device), "cudaFree");
  ok(cudaFreeHost(pinned), "cudaFreeHost");
}

void right_code_is_right_in_any_order() {
  for (int round = 0; round < 10; ++round) {
    want(two_streams(true, true) == 11, "second stream first");
    want(two_streams(true, false) == 11, "first stream first");
  }
}
void a_missing_event_shows_when_the_second_stream_is_waited_for() {
  want(two_streams(false, true) == 10, "the second stream saw the first one's work without an event");
}
// Late execution alone does not show this one: the host waits in the order that happens to be right.
void a_missing_event_shows_in_random_order() {
  bool wrong = false;
  for (int round = 0; round < 30; ++round) wrong = wrong || two_streams(false, false) != 11;
  want(wrong, "30 rounds without the event were right");
}
void a_missing_event_hides_in_late_order() {
  for (int round = 0; round < 30; ++round) want(two_streams(false, false) == 11, "not late");
}

// Nothing but the first stream is waited for.
void work_of_another_stream_runs_beside_what_is_waited_for() {
  constexpr int kCopies = 40;
  const NewStream first, second;
  int* const device = device_ints(64);
  int* const pinned = pinned_ints(kCopies);
  ok(cudaMemset(device, 0, 256), "cudaMemset");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  const auto copied = [pinned] {
    int count = 0;
    for (int i = 0; i < kCopies; ++i) count += pinned[i] == 0 ? 1 : 0;
    return count;
  };
  for (int i = 0; i < kCopies; ++i) {
    ok(cudaMemcpyAsync(pinned + i, device, 4, cudaMemcpyDeviceToHost, second.handle), "cudaMemcpyAsync");
  }
  for (int i = 0; i < 20; ++i) add(device, device, 0, 64, first.handle);
  const int before = copied();
  ok(cudaStreamSynchronize(first.handle), "cudaStreamSynchronize");
  want(copied() > before, "nothing of the second stream ran");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  ok(cudaFree(device), "cudaFree");
  ok(cudaFreeHost(pinned), "cudaFreeHost");
}

void results_without_an_event_are_printed() {
  for (int round = 0; round < 40; ++round) std::fputc(two_streams(false, false) == 11 ? '+' : '-', stdout);
}

void the_default_stream_orders_blocking_streams() {
  const NewStream blocking(cudaStreamDefault), free(cudaStreamNonBlocking);
  int* const device = device_ints(64);
  int* const copy = device_ints(64);
  ok(cudaMemset(device, 0, 256), "cudaMemset");
  add(device, device, 1, 64, blocking.handle);
  add(copy, device, 0, 64, nullptr);
  add(device, device, 1, 64, blocking.handle);
  ok(cudaStreamSynchronize(blocking.handle), "cudaStreamSynchronize");
  add(copy, copy, 100, 64, free.handle);
  ok(cudaStreamSynchronize(free.handle), "cudaStreamSynchronize");
  want(to_host(copy, 64)[0] == 101, "the default stream ran out of order");
  for (int* const pointer : {device, copy}) ok(cudaFree(pointer), "cudaFree");
}

void work_of_a_destroyed_stream_still_runs() {
  int* const device = device_ints(64);
  ok(cudaMemset(device, 0, 256), "cudaMemset");
  {
    const NewStream stream(cudaStreamDefault);
    add(device, device, 2, 64, stream.handle);
  }
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  want(to_host(device, 64)[0] == 2, "the work was lost");
  ok(cudaFree(device), "cudaFree");
}

void polling_ends() {
  const NewStream stream;
  const NewEvent event;
  spin(1000000, stream.handle);
  ok(cudaEventRecord(event.handle, stream.handle), "cudaEventRecord");
  want(cudaEventQuery(event.handle), cudaErrorNotReady, "the first cudaEventQuery");
  want(cudaGetLastError(), cudaErrorNotReady, "cudaGetLastError");
  want(cudaStreamQuery(stream.handle), cudaErrorNotReady, "the first cudaStreamQuery");
  int polls = 0;
  while (cudaEventQuery(event.handle) == cudaErrorNotReady) want(++polls < 100, "polling does not end");
  want(polls > 0, "it was ready at once");
  ok(cudaStreamQuery(stream.handle), "cudaStreamQuery");
  cudaGetLastError();
}

void events_have_virtual_times() {
  const NewStream stream;
  const NewEvent start, end, untimed(cudaEventDisableTiming);
  float ms = -1;
  want(cudaEventElapsedTime(&ms, start.handle, end.handle), cudaErrorInvalidResourceHandle, "unrecorded events");
  ok(cudaEventRecord(start.handle, stream.handle), "cudaEventRecord");
  int* const device = device_ints(64);
  ok(cudaMemsetAsync(device, 0, 256, stream.handle), "cudaMemsetAsync");  // launch_ns + 256 bytes at 1e9 bytes/s
  add(device, device, 1, 64, stream.handle);                              // launch_ns
  ok(cudaEventRecord(end.handle, stream.handle), "cudaEventRecord");
  want(cudaEventElapsedTime(&ms, start.handle, end.handle), cudaErrorNotReady, "events to come");
  ok(cudaEventRecord(untimed.handle, stream.handle), "cudaEventRecord");
  const std::uint64_t before = marker().now_ns();
  ok(cudaEventSynchronize(end.handle), "cudaEventSynchronize");
  want(marker().now_ns() - before == 4000256, "waiting does not move the time");
  ok(cudaEventElapsedTime(&ms, start.handle, end.handle), "cudaEventElapsedTime");
  want(ms > 4.0002F && ms < 4.0003F, "the time between the events");
  want(cudaEventElapsedTime(&ms, start.handle, untimed.handle), cudaErrorInvalidResourceHandle, "an untimed event");
  marker().advance_ns(5);
  want(marker().now_ns() - before == 4000261, "advance_ns");
  // A kernel that looks at the clock for longer than a launch takes so long.
  ok(cudaEventRecord(start.handle, stream.handle), "cudaEventRecord");
  spin(7000000, stream.handle);
  ok(cudaEventRecord(end.handle, stream.handle), "cudaEventRecord");
  ok(cudaEventSynchronize(end.handle), "cudaEventSynchronize");
  ok(cudaEventElapsedTime(&ms, start.handle, end.handle), "cudaEventElapsedTime");
  want(ms >= 7.0F && ms < 7.1F, "the time of a kernel that spins");
  cudaGetLastError();
  ok(cudaFree(device), "cudaFree");
}

void streams_overlap_in_time() {
  const NewStream first, second;
  const std::uint64_t before = marker().now_ns();
  spin(6000000, first.handle);
  spin(6000000, second.handle);
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  want(marker().now_ns() - before < 7000000, "one stream waited for the other");
}

void a_host_function_runs_in_order_and_may_not_call() {
  const NewStream stream;
  int* const device = device_ints(64);
  int* const pinned = pinned_ints(65);
  pinned[64] = 0;
  ok(cudaMemsetAsync(device, 0, 256, stream.handle), "cudaMemsetAsync");
  ok(cudaMemcpyAsync(pinned, device, 256, cudaMemcpyDeviceToHost, stream.handle), "cudaMemcpyAsync");
  const auto function = [](void* data) {
    int* const ints = static_cast<int*>(data);
    int device_here = 0;
    ints[64] = ints[0] == 0 && cudaGetDevice(&device_here) == cudaErrorNotPermitted ? 1 : 2;
  };
  ok(cudaLaunchHostFunc(stream.handle, function, pinned), "cudaLaunchHostFunc");
  want(pinned[64] == 0, "it ran before anybody waited");
  ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");
  want(pinned[64] == 1, "out of order, or it may call CUDA");
  cudaGetLastError();
  ok(cudaFree(device), "cudaFree");
  ok(cudaFreeHost(pinned), "cudaFreeHost");
}

void a_gate_holds_until_the_host_opens_it() {
  const NewStream held, free;
  int* const flag = pinned_ints(1);
  int* const device = device_ints(64);
  *flag = 0;
  gate(flag, held.handle);
  for (int i = 0; i < 20; ++i) {  // in random order none of these may let the gate run
    ok(cudaMemsetAsync(device, 0, 256, free.handle), "cudaMemsetAsync");
    ok(cudaStreamSynchronize(free.handle), "cudaStreamSynchronize");
  }
  *flag = 1;
  ok(cudaStreamSynchronize(held.handle), "cudaStreamSynchronize");
  ok(cudaFreeHost(flag), "cudaFreeHost");
  ok(cudaFree(device), "cudaFree");
}

void a_graph_runs_as_often_as_it_is_launched() {
  const NewStream stream, side;
  const NewEvent fork(cudaEventDisableTiming), join(cudaEventDisableTiming);
  int* const a = device_ints(64);
  int* const b = device_ints(64);
  ok(cudaMemset(a, 0, 256), "cudaMemset");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  ok(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal), "cudaStreamBeginCapture");
  add(a, a, 1, 64, stream.handle);
  ok(cudaEventRecord(fork.handle, stream.handle), "cudaEventRecord");
  ok(cudaStreamWaitEvent(side.handle, fork.handle, 0), "cudaStreamWaitEvent");
  add(b, a, 10, 64, side.handle);
  ok(cudaEventRecord(join.handle, side.handle), "cudaEventRecord");
  ok(cudaStreamWaitEvent(stream.handle, join.handle, 0), "cudaStreamWaitEvent");
  add(b, b, 100, 64, stream.handle);
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ok(cudaStreamEndCapture(stream.handle, &graph), "cudaStreamEndCapture");
  ok(cudaGraphInstantiate(&executable, graph, 0), "cudaGraphInstantiate");
  ok(cudaGraphDestroy(graph), "cudaGraphDestroy");
  want(to_host(a, 64)[0] == 0, "capturing ran something");
  for (int i = 0; i < 3; ++i) ok(cudaGraphLaunch(executable, stream.handle), "cudaGraphLaunch");
  ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");
  want(to_host(a, 64)[0] == 3 && to_host(b, 64)[0] == 113, "three launches");
  ok(cudaGraphExecDestroy(executable), "cudaGraphExecDestroy");
  for (int* const pointer : {a, b}) ok(cudaFree(pointer), "cudaFree");
}

void mistakes_in_a_capture_are_errors() {
  const NewStream stream, side;
  const NewEvent fork(cudaEventDisableTiming);
  int* const a = device_ints(64);
  cudaGraph_t graph = nullptr;
  ok(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal), "cudaStreamBeginCapture");
  want(cudaStreamSynchronize(stream.handle), cudaErrorStreamCaptureUnsupported, "cudaStreamSynchronize");
  want(cudaStreamEndCapture(stream.handle, &graph), cudaErrorStreamCaptureInvalidated, "cudaStreamEndCapture");
  ok(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal), "cudaStreamBeginCapture");
  void* pointer = nullptr;
  want(cudaMalloc(&pointer, 4), cudaErrorStreamCaptureUnsupported, "cudaMalloc");
  want(cudaStreamEndCapture(stream.handle, &graph), cudaErrorStreamCaptureInvalidated, "cudaStreamEndCapture");
  ok(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal), "cudaStreamBeginCapture");
  add(a, a, 1, 64, stream.handle);
  ok(cudaEventRecord(fork.handle, stream.handle), "cudaEventRecord");
  ok(cudaStreamWaitEvent(side.handle, fork.handle, 0), "cudaStreamWaitEvent");
  add(a, a, 1, 64, side.handle);
  want(cudaEventQuery(fork.handle), cudaErrorCapturedEvent, "cudaEventQuery");
  want(cudaStreamEndCapture(stream.handle, &graph), cudaErrorStreamCaptureUnjoined, "cudaStreamEndCapture");
  want(cudaStreamEndCapture(stream.handle, &graph), cudaErrorIllegalState, "cudaStreamEndCapture without a capture");
  cudaGetLastError();
  ok(cudaFree(a), "cudaFree");
}

void a_destroyed_stream_is_used() {
  cudaStream_t stream = nullptr;
  ok(cudaStreamCreate(&stream), "cudaStreamCreate");
  ok(cudaStreamDestroy(stream), "cudaStreamDestroy");
  cudaStreamSynchronize(stream);
}
void a_destroyed_event_is_used() {
  cudaEvent_t event = nullptr;
  ok(cudaEventCreate(&event), "cudaEventCreate");
  ok(cudaEventDestroy(event), "cudaEventDestroy");
  cudaEventQuery(event);
}
void a_gate_is_never_opened() {
  int* const flag = pinned_ints(1);
  *flag = 0;
  gate(flag, nullptr);
  cudaDeviceSynchronize();
}

}  // extern "C"
