// A product as descriptors say it, D = alpha op(A) op(B) + beta C with column-major matrices, and whether the library
// offers it: its documented tables of types, formats and alignments (cuBLAS 13, cublasLtMatmul()).
#pragma once

#include <cstdint>
#include <string>

#include <cublasLt.h>

#include "tests/cuda_emulation/cublaslt/descriptors.hpp"

namespace geomsu::emulation::lt {

struct Problem {
  Desc desc;
  Layout a, b, c, d;
  std::uint64_t m = 0, n = 0, k = 0, batch = 1;
  bool transpose_a() const { return desc.transpose_a == CUBLAS_OP_T; }
  bool transpose_b() const { return desc.transpose_b == CUBLAS_OP_T; }
  bool is_fp8() const;
};

// INVALID_VALUE where shapes, leading dimensions, batches or types are in conflict, `why` says which.
cublasStatus_t understand(const Desc& desc, const Layout& a, const Layout& b, const Layout& c, const Layout& d,
                          Problem& problem, std::string& why);

// NOT_SUPPORTED where no table of the library has it on a device of this compute capability (90 is 9.0).
cublasStatus_t offered(const Problem& problem, int capability, std::string& why);

// Bytes between two columns, and between two matrices of a batch (0 where there is but one): both limit what an
// algorithm may assume of addresses, beside the buffer itself.
bool is_aligned(const Layout& layout, std::uint64_t bytes);

}  // namespace geomsu::emulation::lt
