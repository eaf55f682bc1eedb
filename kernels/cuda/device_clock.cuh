// The clocks that a kernel can read. For the clock probe and the safeguard of hold() alone: nothing else measures time
// on the device.
#pragma once

#include <cstdint>

namespace geomsu::cuda {

struct DeviceClock {
  static __device__ std::uint64_t cycles() { return static_cast<std::uint64_t>(clock64()); }  // of the multiprocessor
  // Of the GPU. Its step is 32 ns on some GPUs and a microsecond on others.
  static __device__ std::uint64_t ns() {
    std::uint64_t now = 0;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    return now;
  }
};

}  // namespace geomsu::cuda
