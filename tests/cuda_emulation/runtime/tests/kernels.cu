#include "tests/cuda_emulation/runtime/tests/kernels.hpp"

extern "C" {

__global__ void add_kernel(int* to, const int* from, int value, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) to[i] = from[i] + value;
}

__global__ void gate_kernel(const volatile int* flag) {
  while (*flag == 0) {
  }
}

__global__ void timer_kernel(unsigned long long ns) {
  unsigned long long start, now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
  do {
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  } while (now < start + ns);
}

__global__ void shared_kernel(int* to) {
  extern __shared__ int scratch[];
  scratch[threadIdx.x] = 7;
  *to = scratch[threadIdx.x];
}

__global__ void __launch_bounds__(64) bound_kernel(int* to) {
  if (to != nullptr) *to = 1;
}

__global__ void architecture_kernel(int* to) {
#ifdef __CUDA_ARCH__
  *to = __CUDA_ARCH__;
#endif
}
}

namespace scenarios {

void add(int* to, const int* from, int value, int count, cudaStream_t stream) {
  add_kernel<<<static_cast<unsigned>((count + 63) / 64), 64, 0, stream>>>(to, from, value, count);
}

void add_with(dim3 grid, dim3 block, std::size_t shared_bytes, int* to, const int* from, cudaStream_t stream) {
  add_kernel<<<grid, block, shared_bytes, stream>>>(to, from, 1, 1);
}

void gate(const int* flag, cudaStream_t stream) { gate_kernel<<<1, 1, 0, stream>>>(flag); }

void spin(std::uint64_t ns, cudaStream_t stream) { timer_kernel<<<1, 1, 0, stream>>>(ns); }

cudaError_t shared(int* to, std::size_t bytes, bool ask, cudaStream_t stream) {
  if (ask) {
    const cudaError_t status =
        cudaFuncSetAttribute(shared_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
    if (status != cudaSuccess) return status;
  }
  shared_kernel<<<1, 1, bytes, stream>>>(to);
  return cudaSuccess;
}

void bound(cudaStream_t stream) { bound_kernel<<<1, 65, 0, stream>>>(nullptr); }

void architecture(int* to, cudaStream_t stream) { architecture_kernel<<<1, 1, 0, stream>>>(to); }

cudaError_t occupancy(int* blocks, int block_size, std::size_t dynamic_shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, add_kernel, block_size, dynamic_shared);
}

cudaError_t launch_extended(int* to, const int* from, cudaStream_t stream) {
  cudaLaunchConfig_t config{};
  config.gridDim = 1;
  config.blockDim = 64;
  config.stream = stream;
  return cudaLaunchKernelEx(&config, add_kernel, to, from, 5, 64);
}

}  // namespace scenarios
