// OpenBLAS, found and loaded when a gemm first asks for it. Only the OpenMP build serves: the pthread build starts its
// threads when loaded, so pinning moves the caller alone, and it would fight the pool that the other kernels use.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace geomsu::cpu {

class OpenBlas {
 public:
  // `path`: the site's choice, the only one tried if given. Failure UNSUPPORTED says what was tried and why each was
  // refused.
  static std::shared_ptr<const OpenBlas> load(const std::optional<std::string>& path);

  // C (m x n, row-major) = op(A) op(B) + beta C.
  void gemm(bool transpose_a, bool transpose_b, std::uint64_t m, std::uint64_t n, std::uint64_t k, const float* a,
            const float* b, float beta, float* c) const;
  void gemm(bool transpose_a, bool transpose_b, std::uint64_t m, std::uint64_t n, std::uint64_t k, const double* a,
            const double* b, double beta, double* c) const;

  const std::string& words() const { return words_; }  // "OpenBLAS 0.3.21 ... at /usr/lib/..."

 private:
  using Sgemm = void (*)(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);
  using Dgemm = void (*)(int, int, int, int, int, int, double, const double*, int, const double*, int, double, double*,
                         int);
  OpenBlas() = default;
  static std::shared_ptr<const OpenBlas> try_load(const std::string& path, std::string& refusal);

  Sgemm sgemm_ = nullptr;
  Dgemm dgemm_ = nullptr;
  std::string words_;
};

}  // namespace geomsu::cpu
