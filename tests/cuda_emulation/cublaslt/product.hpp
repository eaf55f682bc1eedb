// The arithmetic of the emulated cublasLtMatmul() on host memory: no device, no descriptors' checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "tests/cuda_emulation/cublaslt/problem.hpp"

namespace geomsu::emulation::lt {

// In which order the k products of an element are added: `parts` runs of k (split-k), each added up in runs of `chunk`
// (0: at once), reduced at the end.
struct Summation {
  std::uint64_t parts = 1, chunk = 0;
  std::optional<cudaDataType> part_type = std::nullopt;  // what the parts are rounded to, if they are
};

struct Scalars {
  double alpha = 1, beta = 0;       // as the scale type holds them
  double a_scale = 1, b_scale = 1;  // fp8
};

// Where a column of a matrix of the batch lies. Asked for C's column before D's, and for C's only where beta is not 0.
using ReadColumn = std::function<const std::byte*(std::uint64_t batch, std::uint64_t column)>;
using WriteColumn = std::function<std::byte*(std::uint64_t batch, std::uint64_t column)>;

// 64F adds in double, 32F in float (products too; FAST_TF32 rounds operands to 11 significant bits before), 32I wraps.
// fp8 with fast accumulation keeps 14 bits of a sum after each step of 32, as Hopper's tensor cores do.
void multiply(const Problem& problem, const Summation& summation, const Scalars& scalars, const ReadColumn& a,
              const ReadColumn& b, const ReadColumn& c, const WriteColumn& d);

}  // namespace geomsu::emulation::lt
