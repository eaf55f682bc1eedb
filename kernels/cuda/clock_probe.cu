#include "kernels/cuda/clock_probe.cuh"
#include "kernels/cuda/clock_probe.hpp"
#include "kernels/cuda/device_clock.cuh"
#include "kernels/cuda/launcher.cuh"

namespace geomsu::cuda {

void probe_clock(std::uint64_t ns, ClockProbe* out, cudaStream_t stream) {
  constexpr unsigned kWarp = 32;
  Launcher{stream, "probing the clock"}(probe_kernel<DeviceClock, ClockProbe>, 1, kWarp, ns, out);
}

}  // namespace geomsu::cuda
