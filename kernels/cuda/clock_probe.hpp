// The clock of the multiprocessors as it is, not as a driver reports it: cycles that a warp counted over a time that it
// read from the GPU's timer.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

namespace geomsu::cuda {

struct ClockProbe {
  std::uint64_t first_cycle = 0, last_cycle = 0;
  std::uint64_t first_ns = 0, last_ns = 0;
  // 0 where no time went by.
  double mhz() const {
    return last_ns > first_ns
               ? static_cast<double>(last_cycle - first_cycle) * 1e3 / static_cast<double>(last_ns - first_ns)
               : 0;
  }
};

// Queues one warp that counts for about `ns` and writes to *out (device or mapped memory).
void probe_clock(std::uint64_t ns, ClockProbe* out, cudaStream_t stream);

}  // namespace geomsu::cuda
