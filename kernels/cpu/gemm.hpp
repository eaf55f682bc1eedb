// gemm fp32 and fp64 by OpenBLAS, as many operand sets as fit.
#pragma once

#include <memory>

#include "kernels/cpu/openblas.hpp"
#include "kernels/cpu/workload.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::cpu {

// What the device grants a workload: where to run, and how much memory it may take.
struct Grant {
  Executor& executor;
  std::uint64_t memory_bytes = 0;
  std::uint64_t operand_sets = 1;  // asked for
};

// `params` complete. Failure UNSUPPORTED for what the CPU does not compute, OUT_OF_MEMORY before anything is taken.
std::unique_ptr<Workload> make_gemm(const ops::Params& params, const Grant& grant,
                                    std::shared_ptr<const OpenBlas> blas);

// Why this gemm is not offered; empty where it is. Asked before OpenBLAS is looked for.
std::string gemm_refusal(const ops::Params& params);

// Sets that are kept of those asked for: at least one, all of them within 60 % of the memory, one alone within 90 %.
// Failure OUT_OF_MEMORY names what is needed and what is free.
std::uint64_t sets_that_fit(std::uint64_t bytes_per_set, const Grant& grant);

}  // namespace geomsu::cpu
