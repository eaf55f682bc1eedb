// gemm by OpenBLAS (fp32, fp64) and oneDNN (int8, and bf16 and fp16 where the processor has them), as many operand
// sets as fit.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "kernels/cpu/onednn.hpp"
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

// Each is loaded by the first gemm that needs it; the paths are the site's.
struct Libraries {
  std::optional<std::string> openblas_path, onednn_path;
  std::shared_ptr<const OpenBlas> blas;
  std::shared_ptr<const OneDnn> dnn;
};

// `params` complete. Failure UNSUPPORTED for what the CPU does not compute, OUT_OF_MEMORY before anything is taken.
std::unique_ptr<Workload> make_gemm(const ops::Params& params, const Grant& grant, Libraries& libraries);

// Why this gemm is not offered on a processor with these flags (of /proc/cpuinfo); empty where it is. Asked before a
// library is looked for.
std::string gemm_refusal(const ops::Params& params, const std::set<std::string>& flags);

// Sets that are kept of those asked for: at least one, all of them within 60 % of the memory, one alone within 90 %.
// Failure OUT_OF_MEMORY names what is needed and what is free.
std::uint64_t sets_that_fit(std::uint64_t bytes_per_set, const Grant& grant);

}  // namespace geomsu::cpu
