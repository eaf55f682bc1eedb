// Holds a stream until all of a batch is queued behind it, so that the host's pace of launching is not in the time that
// is measured.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

namespace geomsu::cuda {

// Queues one thread that ends when *gate (page-locked, mapped) is not 0, or after `most_ns` at most. Waits for nothing.
void hold(const std::uint32_t* gate, std::uint64_t most_ns, cudaStream_t stream);

}  // namespace geomsu::cuda
