// oneDNN 2, found and loaded when a gemm of a narrow dtype first asks for it: without it fp32 and fp64 are served all
// the same. It shares OpenMP's pool with the other kernels (libgomp), a thread a core of the executor.
//
// int8 is computed by gemm_s8s8s32, which adds to C exactly and wraps. Its matmul primitive does not serve: it adds by
// a post-op in float, which loses low bits beyond 2^24 and saturates (seen with 2.6.3). bf16 and fp16 are computed by
// matmul, where the processor has instructions for them: a kernel that widens to fp32 is refused.
//
// Allocation: scratchpads are this backend's, taken when a product is made. oneDNN's own calls still take a few hundred
// bytes a call for their table of arguments, and gemm_s8s8s32 its packed panels, and give them back before they return.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "kernels/cpu/product.hpp"
#include "kernels/ops/gemm.hpp"

namespace geomsu::cpu {

class OneDnn {
 public:
  // `path`: the site's choice, the only one tried if given. Failure UNSUPPORTED says why not and what to install.
  static std::shared_ptr<const OneDnn> load(const std::optional<std::string>& path);

  // On the executor's thread, which it then runs on. Failure UNSUPPORTED where oneDNN has no fitting kernel.
  std::unique_ptr<Product> product(const ops::GemmShape& shape) const;

  struct Library;  // the functions that are used

 private:
  OneDnn() = default;
  std::shared_ptr<const Library> library_;
};

// Why a processor with these flags (of /proc/cpuinfo) does not multiply the dtype; empty where it does.
std::string narrow_refusal(const std::string& dtype, const std::set<std::string>& flags);

}  // namespace geomsu::cpu
