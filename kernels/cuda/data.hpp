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

// Every element from the generator, rounded to the element's type as kernels/ops/rounding.hpp does (kInt32: as int8).
// `out` is aligned to 8.
void fill(Element element, void* out, const Matrix& matrix, ops::Data data, std::uint64_t seed, std::uint64_t tensor,
          cudaStream_t stream);

// out[i] = element `indices[i]` (where it lies, not its logical index) as double.
void gather(Element element, const void* from, const std::uint64_t* indices, std::uint64_t count, double* out,
            cudaStream_t stream);

// out[row] = sum over columns of element * sign(column), in double, in an order that depends on the shape alone.
// rows = batch * rows of the matrix, which must not be transposed. One block works on a row: for many of them.
void project(Element element, const void* from, std::uint64_t rows, std::uint64_t columns, std::uint64_t sign_seed,
             double* out, cudaStream_t stream);

// The same of one long row by many blocks: out[p] is the sum over columns p * kProjectPiece up to the next piece. There
// are project_parts(columns) of them; added up in their order they are the projection.
inline constexpr std::uint64_t kProjectPiece = 65536;
constexpr std::uint64_t project_parts(std::uint64_t columns) { return (columns + kProjectPiece - 1) / kProjectPiece; }
void project_pieces(Element element, const void* from, std::uint64_t columns, std::uint64_t sign_seed, double* out,
                    cudaStream_t stream);

// *out = digest of `bytes` bytes (GENERATOR.md) that begin at 64-bit word `first_word` of their tensor; `from` is
// aligned to 16.
void digest(const void* from, std::uint64_t bytes, std::uint64_t* out, cudaStream_t stream,
            std::uint64_t first_word = 0);

}  // namespace geomsu::cuda
