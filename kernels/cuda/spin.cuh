// The kernel of spin.hpp. Clock: DeviceClock, in tests one of their own.
#pragma once

#include <cstdint>

namespace geomsu::cuda {

// volatile: each look goes to the host's memory, past every cache.
template <typename Clock>
__global__ void __launch_bounds__(1) hold_kernel(const volatile std::uint32_t* gate, std::uint64_t most_ns) {
  const std::uint64_t begin = Clock::ns();
  while (*gate == 0 && Clock::ns() - begin < most_ns) {
  }
}

}  // namespace geomsu::cuda
