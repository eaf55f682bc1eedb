#include "bench/peers/pairs.hpp"

#include "bench/peers/bare_gemm.hpp"
#include "bench/peers/bare_stream.hpp"

namespace geomsu::bench {
namespace {

constexpr double kGemmGoal = 0.98, kMemoryGoal = 0.95;

Pair gemm(const std::string& dtype, const std::string& size, const char* peer, MakeBare bare) {
  return {"gemm " + dtype + " " + size,
          peer,
          "gemm",
          {{"dtype", dtype}, {"m", size}, {"n", size}, {"k", size}},
          kGemmGoal,
          bare};
}

Pair memory(const std::string& kind, const std::string& name, const std::string& bytes) {
  return {"memory " + kind + " " + name,
          "a loop with non-temporal stores",
          "memory",
          {{"kind", kind}, {"dtype", "fp64"}, {"bytes", bytes}},
          kMemoryGoal,
          make_bare_stream};
}

}  // namespace

const std::vector<Pair>& pair_table() {
  static const std::vector<Pair> table{
      gemm("fp32", "1024", "OpenBLAS cblas_sgemm", make_bare_sgemm),
      gemm("fp32", "2048", "OpenBLAS cblas_sgemm", make_bare_sgemm),
      gemm("fp32", "4096", "OpenBLAS cblas_sgemm", make_bare_sgemm),
      gemm("fp64", "1024", "OpenBLAS cblas_dgemm", make_bare_dgemm),
      gemm("fp64", "2048", "OpenBLAS cblas_dgemm", make_bare_dgemm),
      gemm("int8", "2048", "oneDNN dnnl_gemm_s8s8s32", make_bare_int8_gemm),
      memory("copy", "256 MiB", "268435456"),
      memory("scale", "256 MiB", "268435456"),
      memory("add", "256 MiB", "268435456"),
      memory("triad", "256 MiB", "268435456"),
      memory("read", "256 MiB", "268435456"),
      memory("write", "256 MiB", "268435456"),
      // Small ones, for a look at the fixed costs; what is judged is large.
      gemm("fp32", "128", "OpenBLAS cblas_sgemm", make_bare_sgemm),
      memory("triad", "256 KiB", "262144"),
  };
  return table;
}

const Pair* find_pair(std::string_view name) {
  for (const Pair& pair : pair_table()) {
    if (pair.name == name) return &pair;
  }
  return nullptr;
}

}  // namespace geomsu::bench
