// What the emulated cuBLASLt (and later NCCL) asks of the emulated runtime; exported by libcudart.so.13 of the
// emulation beside CUDA's own symbols. Test only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include <cuda_runtime_api.h>

namespace geomsu::emulation {

// Prints "CUDA emulation: ..." with the words and ends the process: for what a test must never do and the real library
// would not answer with an error. std::abort after flushing coverage (gcov's __gcov_dump where it is linked).
[[noreturn]] void die(const std::string& words);

// The status that the fault plan wants from this call of `function`, or 0. Each call counts.
int planned_fault(const char* function);

// Puts work at the end of a stream. `cost_ns`: virtual time that it takes (node.hpp: Pace). The work runs as late as
// the API allows, on the thread that waits for it, with `device` current.
void enqueue(cudaStream_t stream, const char* what, std::uint64_t cost_ns, std::function<void()> work);

// The host's alias of device memory that the current device (when enqueued work runs: the stream's) may touch, bounds
// and owner checked; die() in words where it may not. `write` marks it as written; a read of bytes never written dies
// too.
std::byte* device_bytes(const void* pointer, std::size_t bytes, bool write, const char* who);

// Virtual cost of an operation on the current device, by the node's pace.
std::uint64_t cost_ns(double flop, double bytes);

}  // namespace geomsu::emulation

// The marker that the plug-in looks up (kernels/cuda/emulated.hpp); C, so that it needs no header of ours.
extern "C" {
struct geomsu_cuda_emulation {
  std::uint64_t struct_size;
  std::uint64_t (*now_ns)();  // virtual time
  void (*advance_ns)(std::uint64_t ns);
};
extern const geomsu_cuda_emulation geomsu_cuda_emulation_marker;
}
