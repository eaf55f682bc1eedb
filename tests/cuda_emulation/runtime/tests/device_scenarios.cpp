#include <cstring>
#include <string_view>
#include <thread>

#include "tests/cuda_emulation/runtime/tests/kernels.hpp"
#include "tests/cuda_emulation/runtime/tests/scenario.hpp"

using namespace scenarios;  // NOLINT: scenarios are C functions, found by name

extern "C" {

void the_devices_are_the_nodes() {
  int count = 0, value = 0, ordinal = -1;
  ok(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
  want(count == 2, "two devices");
  cudaDeviceProp properties{};
  ok(cudaGetDeviceProperties(&properties, 1), "cudaGetDeviceProperties");
  want(std::string_view(properties.name) == "EMULATED (CPU) Test GPU", "name");
  want(properties.major == 9 && properties.minor == 0 && properties.multiProcessorCount == 4, "capability");
  want(properties.totalGlobalMem == 1048576 && properties.l2CacheSize == 65536, "memory");
  want(properties.pciDomainID == 0 && properties.pciBusID == 0x1c && properties.pciDeviceID == 0, "address");
  char pci[20];
  ok(cudaDeviceGetPCIBusId(pci, sizeof pci, 1), "cudaDeviceGetPCIBusId");
  want(std::string_view(pci) == "0000:1C:00.0", "address as text");
  want(cudaDeviceGetPCIBusId(pci, 12, 1), cudaErrorInvalidValue, "cudaDeviceGetPCIBusId into 12 bytes");
  ok(cudaDeviceGetByPCIBusId(&ordinal, "0000:1c:00.0"), "cudaDeviceGetByPCIBusId");
  want(ordinal == 1, "ordinal of an address");
  want(cudaDeviceGetByPCIBusId(&ordinal, "0000:77:00.0"), cudaErrorInvalidDevice, "an address that is not there");
  ok(cudaDriverGetVersion(&value), "cudaDriverGetVersion");
  want(value == 13010, "driver");
  ok(cudaRuntimeGetVersion(&value), "cudaRuntimeGetVersion");
  want(value == CUDART_VERSION, "runtime");
  ok(cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 0), "cudaDeviceGetAttribute");
  want(value == 4, "attribute");
  want(cudaSetDevice(2), cudaErrorInvalidDevice, "cudaSetDevice(2)");
  want(std::string_view(cudaGetErrorName(cudaErrorInvalidDevice)) == "cudaErrorInvalidDevice", "a status's name");
  want(std::string_view(cudaGetErrorString(cudaErrorInvalidDevice)) == "invalid device ordinal", "a status's text");
  want(cudaPeekAtLastError(), cudaErrorInvalidDevice, "cudaPeekAtLastError");
  want(cudaGetLastError(), cudaErrorInvalidDevice, "cudaGetLastError");
  ok(cudaGetLastError(), "cudaGetLastError, the second time");
}

void only_the_second_device_is_visible() {
  int count = 0;
  ok(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
  want(count == 1, "one device");
  cudaDeviceProp properties{};
  ok(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
  want(properties.pciBusID == 0x1c, "the wrong one");
}

void no_device_is_visible() {
  int count = 1;
  want(cudaGetDeviceCount(&count), cudaErrorNoDevice, "cudaGetDeviceCount");
  want(count == 0, "count");
  want(cudaFree(nullptr), cudaErrorNoDevice, "cudaFree");
}

void the_device_cannot_be_had() {
  want(cudaSetDevice(0), cudaErrorDevicesUnavailable, "cudaSetDevice");
  want(cudaFree(nullptr), cudaErrorDevicesUnavailable, "cudaFree");
}

void the_driver_is_too_old() {
  int count = 0;
  want(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver, "cudaGetDeviceCount");
  want(cudaSetDevice(0), cudaErrorInsufficientDriver, "cudaSetDevice");
}

void peers_reach_each_other_once_asked() {
  int can = 0;
  ok(cudaDeviceCanAccessPeer(&can, 0, 1), "cudaDeviceCanAccessPeer");
  want(can == 1, "no peers");
  ok(cudaSetDevice(1), "cudaSetDevice");
  int* const there = device_ints(64);
  ok(cudaMemset(there, 0, 256), "cudaMemset");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  ok(cudaSetDevice(0), "cudaSetDevice");
  int* const here = device_ints(64);
  ok(cudaDeviceEnablePeerAccess(1, 0), "cudaDeviceEnablePeerAccess");
  want(cudaDeviceEnablePeerAccess(1, 0), cudaErrorPeerAccessAlreadyEnabled, "cudaDeviceEnablePeerAccess");
  add(here, there, 3, 64, nullptr);
  ok(cudaMemcpyPeer(there, 1, here, 0, 256), "cudaMemcpyPeer");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  want(to_host(there, 64)[5] == 3, "the copy between devices");
  ok(cudaDeviceDisablePeerAccess(1), "cudaDeviceDisablePeerAccess");
  want(cudaDeviceDisablePeerAccess(1), cudaErrorPeerAccessNotEnabled, "cudaDeviceDisablePeerAccess");
  cudaGetLastError();
  for (int* const pointer : {here, there}) ok(cudaFree(pointer), "cudaFree");
}

void peers_that_are_none_are_refused() {
  int can = 1;
  ok(cudaDeviceCanAccessPeer(&can, 0, 1), "cudaDeviceCanAccessPeer");
  want(can == 0, "peers");
  want(cudaDeviceEnablePeerAccess(1, 0), cudaErrorPeerAccessUnsupported, "cudaDeviceEnablePeerAccess");
}

void a_kernel_touches_a_peer_that_was_not_enabled() {
  ok(cudaSetDevice(1), "cudaSetDevice");
  int* const there = device_ints(64);
  ok(cudaMemset(there, 0, 256), "cudaMemset");
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  ok(cudaSetDevice(0), "cudaSetDevice");
  add(there, there, 1, 64, nullptr);
  cudaDeviceSynchronize();
}

void another_devices_stream_is_refused() {
  ok(cudaSetDevice(1), "cudaSetDevice");
  int* const there = device_ints(64);
  const NewStream stream;
  ok(cudaSetDevice(0), "cudaSetDevice");
  add(there, there, 1, 64, stream.handle);
  want(cudaGetLastError(), cudaErrorInvalidResourceHandle, "the launch");
  const NewEvent event;
  want(cudaEventRecord(event.handle, stream.handle), cudaErrorInvalidResourceHandle, "cudaEventRecord");
  cudaGetLastError();
  ok(cudaFree(there), "cudaFree");
}

void launches_beyond_the_limits_are_refused() {
  int* const device = device_ints(64);
  ok(cudaMemset(device, 0, 256), "cudaMemset");
  add_with(1, 1025, 0, device, device, nullptr);
  want(cudaGetLastError(), cudaErrorInvalidConfiguration, "1025 threads");
  add_with(1, dim3(1, 1, 65), 0, device, device, nullptr);
  want(cudaGetLastError(), cudaErrorInvalidConfiguration, "65 deep");
  add_with(0, 64, 0, device, device, nullptr);
  want(cudaGetLastError(), cudaErrorInvalidConfiguration, "no block");
  add_with(dim3(1, 65536), 64, 0, device, device, nullptr);
  want(cudaGetLastError(), cudaErrorInvalidConfiguration, "65536 rows of blocks");
  add_with(1, 64, 49153, device, device, nullptr);
  want(cudaGetLastError(), cudaErrorInvalidValue, "shared memory above 48 KiB");
  bound(nullptr);
  want(cudaGetLastError(), cudaErrorLaunchOutOfResources, "65 threads where 64 are the bound");
  ok(shared(device, 100000, true, nullptr), "shared memory that was asked for");
  ok(cudaGetLastError(), "the launch");
  want(shared(device, 227 * 1024 + 1, true, nullptr), cudaErrorInvalidValue, "more than a block can have");
  cudaGetLastError();
  ok(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  want(to_host(device, 1)[0] == 7, "the kernel with shared memory");
  int blocks = 0;
  ok(occupancy(&blocks, 1024, 0), "occupancy");
  want(blocks == 2, "two blocks of 1024 threads");
  ok(occupancy(&blocks, 32, 100 * 1024), "occupancy");
  want(blocks == 2, "two blocks of 100 KiB");
  ok(launch_extended(device, device, nullptr), "cudaLaunchKernelEx");
  ok(cudaFree(device), "cudaFree");
}

void the_kernel_is_of_another_architecture() {
  architecture(nullptr, nullptr);
  want(cudaGetLastError(), cudaErrorNoKernelImageForDevice, "the launch");
}

void code_of_compute_80_runs() {
  int* const device = device_ints(1);
  architecture(device, nullptr);
  want(to_host(device, 1)[0] == 800, "architecture");
  ok(cudaFree(device), "cudaFree");
}
void code_of_compute_90_runs() {
  int* const device = device_ints(1);
  architecture(device, nullptr);
  want(to_host(device, 1)[0] == 900, "architecture");
  ok(cudaFree(device), "cudaFree");
}

void each_device_runs_its_own_code() {
  code_of_compute_80_runs();
  ok(cudaSetDevice(1), "cudaSetDevice");
  code_of_compute_90_runs();
}

void a_kernels_fault_stays() {
  int* const device = device_ints(63);
  ok(cudaMemset(device, 0, 252), "cudaMemset");
  add(device, device, 1, 64, nullptr);
  ok(cudaGetLastError(), "the launch");
  want(cudaDeviceSynchronize(), cudaErrorIllegalAddress, "cudaDeviceSynchronize");
  want(cudaGetLastError(), cudaErrorIllegalAddress, "cudaGetLastError");
  want(cudaGetLastError(), cudaErrorIllegalAddress, "cudaGetLastError, the second time");
  want(cudaFree(device), cudaErrorIllegalAddress, "cudaFree");
  void* pointer = nullptr;
  want(cudaMalloc(&pointer, 4), cudaErrorIllegalAddress, "cudaMalloc");
  ok(cudaSetDevice(1), "cudaSetDevice(1)");
  ok(cudaFree(device_ints(1)), "the other device");
  want(cudaSetDevice(0), cudaErrorIllegalAddress, "cudaSetDevice(0)");
}

void the_third_allocation_fails() {
  int* pointers[3] = {device_ints(1), device_ints(1), nullptr};
  void* third = nullptr;
  want(cudaMalloc(&third, 4), cudaErrorMemoryAllocation, "the third cudaMalloc");
  want(cudaGetLastError(), cudaErrorMemoryAllocation, "cudaGetLastError");
  pointers[2] = device_ints(1);
  for (int* const pointer : pointers) ok(cudaFree(pointer), "cudaFree");
}

void launches_on_the_second_device_fail() {
  int* const here = device_ints(64);
  ok(cudaMemset(here, 0, 256), "cudaMemset");
  add(here, here, 1, 64, nullptr);
  ok(cudaGetLastError(), "a launch on device 0");
  ok(cudaSetDevice(1), "cudaSetDevice");
  for (int i = 0; i < 2; ++i) {
    add(here, here, 1, 64, nullptr);
    want(cudaGetLastError(), cudaErrorLaunchFailure, "a launch on device 1");
  }
  want(cudaDeviceSynchronize(), cudaErrorLaunchFailure, "cudaDeviceSynchronize of what is lost");
  ok(cudaSetDevice(0), "cudaSetDevice");
  ok(cudaFree(here), "cudaFree");
}

void nothing_happens() { ok(cudaFree(nullptr), "cudaFree"); }

void a_function_outside_the_emulation_is_called() {
  std::size_t value = 0;
  cudaDeviceGetLimit(&value, cudaLimitStackSize);
}

// One host thread a device, and one that only asks.
void devices_run_side_by_side() {
  std::vector<std::string> failures(3);
  const auto work = [&failures](int ordinal) {
    try {
      ok(cudaSetDevice(ordinal), "cudaSetDevice");
      const NewStream stream;
      int* const device = device_ints(64);
      for (int round = 0; round < 50; ++round) {
        ok(cudaMemsetAsync(device, 0, 256, stream.handle), "cudaMemsetAsync");
        for (int i = 0; i < 4; ++i) add(device, device, ordinal + 1, 64, stream.handle);
        ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");
        want(to_host(device, 64)[63] == 4 * (ordinal + 1), "a result");
      }
      ok(cudaFree(device), "cudaFree");
    } catch (const std::exception& error) {
      failures[static_cast<std::size_t>(ordinal)] = error.what();
    }
  };
  std::thread first(work, 0), second(work, 1), asker([&failures] {
    try {
      for (int i = 0; i < 200; ++i) {
        int count = 0;
        std::size_t free = 0, total = 0;
        ok(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
        ok(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
      }
    } catch (const std::exception& error) {
      failures[2] = error.what();
    }
  });
  first.join();
  second.join();
  asker.join();
  for (const std::string& failure : failures) want(failure.empty(), failure.c_str());
}

}  // extern "C"
