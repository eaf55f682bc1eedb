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

// Which sets' A and B repeat i multiplies into C of set i mod sets. Round r = i / sets pairs them anew, so that what a
// C gathers over its rounds are products of ever other matrices: equal ones could be computed once and multiplied.
struct OperandPair {
  std::uint64_t a = 0, b = 0;
  bool operator==(const OperandPair&) const = default;
};
constexpr OperandPair operand_pair(std::uint64_t repeat, std::uint64_t sets) {
  const std::uint64_t set = repeat % sets, round = repeat / sets % sets;
  // Twice the round, and where the sets are even one more from half way on: no B comes twice among `sets` rounds.
  const std::uint64_t step = 2 * round + (sets % 2 == 0 && 2 * round >= sets ? 1 : 0);
  return {(set + round) % sets, (set + step) % sets};
}

const Operation& gemm();

}  // namespace geomsu::ops
