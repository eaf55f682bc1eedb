// gemm: C = op(A) op(B), or C += where a set is met again. A is m x k, B is k x n, C is m x n. Roles: C 0, A 1, B 2.
// An element's value depends on its logical row-major index (row * columns + column), never on the layout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

inline constexpr std::uint64_t kRoleOutput = 0, kRoleA = 1, kRoleB = 2;

struct GemmShape {
  std::string dtype, accumulate, out;
  std::uint64_t m = 0, n = 0, k = 0, batch = 1;
  bool transpose_a = false, transpose_b = false;
  Data data = Data::kNormal;
};
GemmShape gemm_shape(const Params& complete);
const Operation& gemm();

}  // namespace geomsu::ops
