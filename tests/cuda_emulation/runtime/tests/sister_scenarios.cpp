// What the emulated runtime gives the other emulated libraries.
#include <cstring>

#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/tests/kernels.hpp"
#include "tests/cuda_emulation/runtime/tests/scenario.hpp"

using namespace scenarios;  // NOLINT: scenarios are C functions, found by name
namespace emulation = geomsu::emulation;

extern "C" {

void work_of_others_runs_in_its_stream() {
  ok(cudaSetDevice(1), "cudaSetDevice");
  const NewStream stream;
  int* const device = device_ints(64);
  const auto work = [device] {
    int* const ints = reinterpret_cast<int*>(emulation::device_bytes(device, 256, true, "work"));
    for (int i = 0; i < 64; ++i) ints[i] = i;
  };
  emulation::enqueue(stream.handle, "work", emulation::cost_ns(0, 0), work);
  add(device, device, 1, 64, stream.handle);
  ok(cudaSetDevice(0), "cudaSetDevice");
  ok(cudaStreamSynchronize(stream.handle), "cudaStreamSynchronize");  // runs with device 1 current
  want(to_host(device, 64)[63] == 64, "the work or what comes behind it");
  want(emulation::cost_ns(1e6, 2e6) == 2000000 + 1000000 + 2000000, "cost_ns");
  want(emulation::planned_fault("cublasLtMatmul") == 7 && emulation::planned_fault("cublasLtMatmul") == 0, "the plan");
  ok(cudaFree(device), "cudaFree");
}

void others_read_what_was_never_written() { emulation::device_bytes(device_ints(2), 8, false, "others"); }
void others_run_past_an_allocation() { emulation::device_bytes(device_ints(2), 9, true, "others"); }
void others_get_host_memory() { emulation::device_bytes(pinned_ints(2), 8, true, "others"); }
void others_reach_another_device() {
  int* const device = device_ints(2);
  ok(cudaSetDevice(1), "cudaSetDevice");
  emulation::device_bytes(device, 8, true, "others");
}
void others_use_another_devices_stream() {
  const NewStream stream;
  ok(cudaSetDevice(1), "cudaSetDevice");
  emulation::enqueue(stream.handle, "others", 0, [] {});
}

}  // extern "C"
