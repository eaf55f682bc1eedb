// memory copy and triad, each thread on its own contiguous part, which it also touched first.
#pragma once

#include <memory>

#include "kernels/cpu/gemm.hpp"
#include "kernels/cpu/workload.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::cpu {

// `params` complete. Failure OUT_OF_MEMORY before anything is taken.
std::unique_ptr<Workload> make_memory(const ops::Params& params, const Grant& grant);

}  // namespace geomsu::cpu
