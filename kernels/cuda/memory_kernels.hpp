// Repeats of the operation memory on the device (kernels in memory_kernels.cuh). Failure as check() throws it.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include "kernels/cuda/memory_arrays.hpp"

namespace geomsu::cuda {

// Blocks of a repeat: as many as run at once on the current device, no more than there is work for.
unsigned memory_blocks(const MemoryArrays& arrays, int multiprocessors);

// Queues repeat i, counted since the last reseed, on a stream of the current device; allocates and waits for nothing.
void queue_repeat(const MemoryArrays& arrays, std::uint64_t i, unsigned blocks, cudaStream_t stream);

}  // namespace geomsu::cuda
