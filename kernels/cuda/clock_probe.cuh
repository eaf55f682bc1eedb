// The kernel of clock_probe.hpp. Clock: DeviceClock, Probe: ClockProbe; in tests of their own.
#pragma once

#include <cstdint>

namespace geomsu::cuda {

// Both readings are taken when the timer has just gone on: its step would otherwise be an error of up to 2 us in what
// may be 50. A timer that stands still ends it after so many looks, with no time gone by.
template <typename Clock, typename Probe>
__global__ void __launch_bounds__(32) probe_kernel(std::uint64_t ns, Probe* out) {
  const std::uint64_t most_looks = 1'000'000 + ns;  // none takes less than a nanosecond
  const std::uint64_t before = Clock::ns();
  std::uint64_t first_ns = before, looks = 0;
  while (first_ns == before && ++looks < most_looks) first_ns = Clock::ns();
  const std::uint64_t first_cycle = Clock::cycles();
  std::uint64_t last_ns = first_ns;
  while (last_ns - first_ns < ns && ++looks < most_looks) last_ns = Clock::ns();
  const std::uint64_t last_cycle = Clock::cycles();
  if (threadIdx.x != 0) return;
  out->first_cycle = first_cycle;
  out->last_cycle = last_cycle;
  out->first_ns = first_ns;
  out->last_ns = last_ns;
}

}  // namespace geomsu::cuda
