#include "kernels/cuda/device_clock.cuh"
#include "kernels/cuda/launcher.cuh"
#include "kernels/cuda/spin.cuh"
#include "kernels/cuda/spin.hpp"

namespace geomsu::cuda {

void hold(const std::uint32_t* gate, std::uint64_t most_ns, cudaStream_t stream) {
  Launcher{stream, "holding the stream"}(hold_kernel<DeviceClock>, 1, 1, gate, most_ns);
}

}  // namespace geomsu::cuda
