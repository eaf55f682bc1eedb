// The libraries' own matrix products, called bare: square or not, row-major, no transposition, batch 1. Operand sets
// are paired and accumulated as the operation says (kernels/ops/gemm.hpp), so that memory sees the same traffic.
#pragma once

#include "bench/peers/pairs.hpp"

namespace geomsu::bench {

std::unique_ptr<Side> make_bare_sgemm(const BareRequest& request);  // OpenBLAS, its OpenMP build
std::unique_ptr<Side> make_bare_dgemm(const BareRequest& request);
std::unique_ptr<Side> make_bare_int8_gemm(const BareRequest& request);  // oneDNN, int32 sums

}  // namespace geomsu::bench
