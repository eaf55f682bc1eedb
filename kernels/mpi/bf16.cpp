#include "kernels/mpi/bf16.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace geomsu::mpi {
namespace {

template <class Reduce>
void reduce(const void* in, void* inout, int count, Reduce&& op) {
  const auto* a = static_cast<const std::uint16_t*>(in);
  auto* b = static_cast<std::uint16_t*>(inout);
  for (int i = 0; i < count; ++i) b[i] = float_to_bf16(op(bf16_to_float(a[i]), bf16_to_float(b[i])));
}

void sum(void* in, void* inout, int* count, MPI_Datatype*) {
  reduce(in, inout, *count, [](float a, float b) { return a + b; });
}
void most(void* in, void* inout, int* count, MPI_Datatype*) {
  reduce(in, inout, *count, [](float a, float b) { return std::max(a, b); });
}
void least(void* in, void* inout, int* count, MPI_Datatype*) {
  reduce(in, inout, *count, [](float a, float b) { return std::min(a, b); });
}

}  // namespace

float bf16_to_float(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

std::uint16_t float_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

MPI_Datatype make_bf16_type() {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Type_contiguous(2, MPI_BYTE, &type);
  MPI_Type_commit(&type);
  return type;
}

MPI_Op make_bf16_op(ops::ReduceOp op) {
  MPI_Op made = MPI_OP_NULL;
  switch (op) {
    case ops::ReduceOp::kSum:
      MPI_Op_create(sum, 1, &made);
      break;
    case ops::ReduceOp::kMax:
      MPI_Op_create(most, 1, &made);
      break;
    case ops::ReduceOp::kMin:
      MPI_Op_create(least, 1, &made);
      break;
    case ops::ReduceOp::kNone:
      throw std::invalid_argument("bf16: nothing is reduced");
  }
  return made;
}

}  // namespace geomsu::mpi
