#include <algorithm>
#include <cstdint>
#include <cstring>

#include "tests/cuda_emulation/runtime/tests/kernels.hpp"
#include "tests/cuda_emulation/runtime/tests/scenario.hpp"

using namespace scenarios;  // NOLINT: scenarios are C functions, found by name

extern "C" {

void copies_keep_their_bytes() {
  std::vector<int> out(100);
  for (int i = 0; i < 100; ++i) out[static_cast<std::size_t>(i)] = i * i;
  int* const a = device_ints(100);
  int* const b = device_ints(100);
  want(reinterpret_cast<std::uintptr_t>(a) % 256 == 0 && reinterpret_cast<std::uintptr_t>(b) % 256 == 0, "alignment");
  to_device(a, out);
  ok(cudaMemcpy(b, a, 400, cudaMemcpyDeviceToDevice), "cudaMemcpy");
  want(to_host(b, 100) == out, "bytes differ");
  ok(cudaMemset(b, 1, 4), "cudaMemset");
  want(to_host(b, 1)[0] == 0x01010101, "cudaMemset's value");
  ok(cudaFree(a), "cudaFree");
  ok(cudaFree(b), "cudaFree");
  ok(cudaFree(nullptr), "cudaFree");
}

void copies_of_rows_keep_their_pitch() {
  int* const device = device_ints(32);
  ok(cudaMemset(device, 0, 128), "cudaMemset");
  const std::vector<int> from = {1, 2, 3, 4, 5, 6};
  ok(cudaMemcpy2D(device, 16, from.data(), 8, 8, 3, cudaMemcpyHostToDevice), "cudaMemcpy2D");
  const auto out = to_host(device, 12);
  want(out == std::vector<int>({1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0}), "rows");
  want(cudaMemcpy2D(device, 4, from.data(), 8, 8, 3, cudaMemcpyHostToDevice), cudaErrorInvalidPitchValue, "pitch");
  cudaGetLastError();
  ok(cudaFree(device), "cudaFree");
}

void memory_is_poisoned_and_counted() {
  std::size_t before = 0, total = 0, after = 0;
  ok(cudaMemGetInfo(&before, &total), "cudaMemGetInfo");
  int* const device = device_ints(64);
  want(to_host(device, 64) == std::vector<int>(64, -1), "fresh memory is not 0xFF");
  ok(cudaMemGetInfo(&after, &total), "cudaMemGetInfo");
  want(before - after == 256, "256 bytes are not counted");
  void* pointer = nullptr;
  want(cudaMalloc(&pointer, before), cudaErrorMemoryAllocation, "cudaMalloc of all");
  want(cudaGetLastError(), cudaErrorMemoryAllocation, "cudaGetLastError");
  ok(cudaGetLastError(), "cudaGetLastError again");
  ok(cudaFree(device), "cudaFree");
  ok(cudaMemGetInfo(&after, &total), "cudaMemGetInfo");
  want(before == after, "freed memory is not counted back");
}

void pointers_are_known() {
  int* const device = device_ints(1);
  int* const pinned = pinned_ints(1);
  int local = 0;
  cudaPointerAttributes attributes{};
  ok(cudaPointerGetAttributes(&attributes, device), "cudaPointerGetAttributes");
  want(attributes.type == cudaMemoryTypeDevice && attributes.hostPointer == nullptr, "device memory");
  ok(cudaPointerGetAttributes(&attributes, pinned), "cudaPointerGetAttributes");
  want(attributes.type == cudaMemoryTypeHost && attributes.devicePointer == pinned, "pinned memory");
  ok(cudaPointerGetAttributes(&attributes, &local), "cudaPointerGetAttributes");
  want(attributes.type == cudaMemoryTypeUnregistered, "pageable memory");
  void* mapped = nullptr;
  ok(cudaHostGetDevicePointer(&mapped, pinned, 0), "cudaHostGetDevicePointer");
  want(mapped == pinned, "unified addressing");
  want(cudaHostGetDevicePointer(&mapped, &local, 0), cudaErrorInvalidValue, "cudaHostGetDevicePointer of a local");
  ok(cudaFree(device), "cudaFree");
  ok(cudaFreeHost(pinned), "cudaFreeHost");
}

void registered_memory_is_pinned() {
  std::vector<int> host(64, 5);
  ok(cudaHostRegister(host.data(), 256, cudaHostRegisterMapped), "cudaHostRegister");
  want(cudaHostRegister(host.data(), 256, 0), cudaErrorHostMemoryAlreadyRegistered, "cudaHostRegister");
  add(host.data(), host.data(), 1, 64, nullptr);
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  want(host[63] == 6, "the kernel did not reach registered memory");
  ok(cudaHostUnregister(host.data()), "cudaHostUnregister");
  want(cudaHostUnregister(host.data()), cudaErrorHostMemoryNotRegistered, "cudaHostUnregister");
}

void memory_freed_in_a_stream_stays_until_then() {
  const NewStream stream;
  void* pointer = nullptr;
  ok(cudaMallocAsync(&pointer, 256, stream.handle), "cudaMallocAsync");
  int* const ints = static_cast<int*>(pointer);
  int* const pinned = pinned_ints(64);
  ok(cudaMemsetAsync(ints, 0, 256, stream.handle), "cudaMemsetAsync");
  add(ints, ints, 3, 64, stream.handle);
  ok(cudaMemcpyAsync(pinned, ints, 256, cudaMemcpyDeviceToHost, stream.handle), "cudaMemcpyAsync");
  ok(cudaFreeAsync(ints, stream.handle), "cudaFreeAsync");
  ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");
  want(pinned[63] == 3, "the copy came too late");
  ok(cudaFreeHost(pinned), "cudaFreeHost");
}

// Each of these must end the process, and what follows the mistake must not be reached.
void host_reads_device_memory() { want(*device_ints(1) == 0, "the host read device memory"); }
void device_memory_is_freed_twice() {
  int* const device = device_ints(1);
  cudaFree(device);
  cudaFree(device);
}
void pinned_memory_is_freed_twice() {
  int* const pinned = pinned_ints(1);
  cudaFreeHost(pinned);
  cudaFreeHost(pinned);
}
void a_copy_has_the_wrong_kind() {
  int local = 0;
  cudaMemcpy(device_ints(1), &local, 4, cudaMemcpyDeviceToHost);
}
void a_copy_runs_past_its_allocation() {
  std::vector<int> host(2);
  cudaMemcpy(device_ints(1), host.data(), 8, cudaMemcpyHostToDevice);
}
void a_copy_meets_freed_memory() {
  int* const device = device_ints(1);
  cudaFree(device);
  int local = 0;
  cudaMemcpy(&local, device, 4, cudaMemcpyDeviceToHost);
}
void a_kernel_writes_out_of_bounds() {
  int* const device = device_ints(63);
  cudaMemset(device, 0, 63 * 4);
  add(device, device, 1, 64, nullptr);
  cudaDeviceSynchronize();
}
void a_kernel_gets_a_host_pointer() {
  std::vector<int> host(64);
  add(host.data(), host.data(), 1, 64, nullptr);
  cudaDeviceSynchronize();
}
void a_kernel_reads_what_was_never_written() {
  int* const device = device_ints(64);
  add(device, device, 1, 64, nullptr);
  cudaDeviceSynchronize();
}

void everything_leaks() {
  device_ints(1);
  pinned_ints(1);
  cudaStream_t stream = nullptr;
  cudaEvent_t event = nullptr;
  ok(cudaStreamCreate(&stream), "cudaStreamCreate");
  ok(cudaEventCreate(&event), "cudaEventCreate");
}

}  // extern "C"
