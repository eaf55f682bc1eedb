#include "kernels/cuda/launcher.cuh"
#include "kernels/cuda/memory_kernels.cuh"
#include "kernels/cuda/memory_kernels.hpp"

namespace geomsu::cuda {

unsigned memory_blocks(const MemoryArrays& arrays, int multiprocessors) {
  int of_one = 0;
  const auto ask = [&of_one](auto* kernel) {
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&of_one, kernel, static_cast<int>(kMemoryThreads), 0),
          "cudaOccupancyMaxActiveBlocksPerMultiprocessor", "sizing memory's grid");
  };
  arrays.single ? with_memory_kernel<float>(arrays.kind, ask) : with_memory_kernel<double>(arrays.kind, ask);
  const std::uint64_t wanted = (arrays.bytes / 16 + kMemoryThreads - 1) / kMemoryThreads;
  const auto at_once = static_cast<std::uint64_t>(std::max(of_one * multiprocessors, 1));
  return static_cast<unsigned>(std::min(wanted, at_once));
}

void queue_repeat(const MemoryArrays& arrays, std::uint64_t i, unsigned blocks, cudaStream_t stream) {
  const Launcher launch{stream, "running memory"};
  arrays.single ? launch_repeat<float>(launch, arrays, i, blocks) : launch_repeat<double>(launch, arrays, i, blocks);
}

}  // namespace geomsu::cuda
