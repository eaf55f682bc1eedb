// bf16 as MPI does not know it: a type of two bytes, and sum, max and min of it.
#pragma once

#include <cstdint>

#include <mpi.h>

#include "kernels/ops/collective.hpp"

namespace geomsu::mpi {

float bf16_to_float(std::uint16_t bits);
std::uint16_t float_to_bf16(float value);  // nearest, ties to even; no NaN comes here

MPI_Datatype make_bf16_type();
MPI_Op make_bf16_op(ops::ReduceOp op);

}  // namespace geomsu::mpi
