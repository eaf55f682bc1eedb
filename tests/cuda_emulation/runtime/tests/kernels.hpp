// Kernels of the scenarios, each with its launch. `grid` and `block` as given; nothing is checked here.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_runtime_api.h>

namespace scenarios {

// to[i] = from[i] + value
void add(int* to, const int* from, int value, int count, cudaStream_t stream);
void add_with(dim3 grid, dim3 block, std::size_t shared_bytes, int* to, const int* from, cudaStream_t stream);
// Ends once *flag is not 0.
void gate(const int* flag, cudaStream_t stream);
// Looks at the clock until `ns` have gone by.
void spin(std::uint64_t ns, cudaStream_t stream);
// *to = bytes of dynamic shared memory wanted through cudaFuncSetAttribute, where `ask`.
cudaError_t shared(int* to, std::size_t bytes, bool ask, cudaStream_t stream);
// Launches 65 threads of a kernel that is bound to 64.
void bound(cudaStream_t stream);
// *to = __CUDA_ARCH__ of the code that ran.
void architecture(int* to, cudaStream_t stream);
cudaError_t occupancy(int* blocks, int block_size, std::size_t dynamic_shared);
cudaError_t launch_extended(int* to, const int* from, cudaStream_t stream);

}  // namespace scenarios
