// What the generator, verification and digests need on the device (GENERATOR.md is the norm; kernels in data.cu). Each
// function queues kernels on `stream` of the current device, waits for nothing and allocates nothing; pointers are
// device memory. Failure as check() throws it.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include "kernels/cuda/element.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::cuda {

// A tensor of batch x rows x columns, logical order row-major; transposed: each matrix is stored columns x rows.
struct Matrix {
  std::uint64_t batch = 1, rows = 1, columns = 0;
  bool transposed = false;
  std::uint64_t elements() const { return batch * rows * columns; }
};

// Every element from the generator, rounded to the element's type as kernels/ops/rounding.hpp does.
// Floor: elements * bytes_of(element) written / bandwidth, or 11 integer operations an element / peak.
void fill(Element element, void* out, const Matrix& matrix, ops::Data data, std::uint64_t seed, std::uint64_t tensor,
          cudaStream_t stream);

// out[i] = element `indices[i]` (where it lies, not its logical index) as double.
void gather(Element element, const void* from, const std::uint64_t* indices, std::uint64_t count, double* out,
            cudaStream_t stream);

// out[row] = sum over columns of element * sign(column), in double, in an order that depends on the shape alone.
// rows = batch * rows of the matrix, which must not be transposed. Floor: bytes of the matrix read / bandwidth.
void project(Element element, const void* from, std::uint64_t rows, std::uint64_t columns, std::uint64_t sign_seed,
             double* out, cudaStream_t stream);

// *out = digest of `bytes` bytes (GENERATOR.md); `from` is aligned to 16. Floor: bytes read / bandwidth.
void digest(const void* from, std::uint64_t bytes, std::uint64_t* out, cudaStream_t stream);

}  // namespace geomsu::cuda
