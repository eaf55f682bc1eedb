#include "kernels/cuda/buffer.hpp"

#include <string>

#include <cuda_runtime_api.h>

#include "kernels/cuda/check.hpp"

namespace geomsu::cuda {

DeviceBuffer::DeviceBuffer(std::uint64_t bytes) : bytes_(bytes) {
  if (bytes != 0) check(cudaMalloc(&pointer_, bytes), "cudaMalloc", std::to_string(bytes) + " bytes");
}

DeviceBuffer::~DeviceBuffer() {
  if (pointer_ != nullptr) forget(cudaFree(pointer_));
}

PinnedBuffer::PinnedBuffer(std::uint64_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  check(cudaHostAlloc(&pointer_, bytes, cudaHostAllocPortable | cudaHostAllocMapped), "cudaHostAlloc",
        std::to_string(bytes) + " bytes");
}

PinnedBuffer::~PinnedBuffer() {
  if (pointer_ != nullptr) forget(cudaFreeHost(pointer_));
}

}  // namespace geomsu::cuda
