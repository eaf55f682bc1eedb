// Work called bare, on the current device: a cublasLt product, or a triad.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <cuda_runtime_api.h>

namespace geomsu::bench {

class BareWork {
 public:
  virtual ~BareWork() = default;
  BareWork() = default;
  BareWork(const BareWork&) = delete;
  BareWork& operator=(const BareWork&) = delete;

  void queue(std::uint64_t repeat, cudaStream_t stream) { do_queue(repeat, stream); }  // waits for nothing
  std::uint64_t per_repeat() const { return per_repeat_; }                             // FLOP, or bytes
  const std::string& words() const { return words_; }                                  // what does it

 protected:
  virtual void do_queue(std::uint64_t repeat, cudaStream_t stream) = 0;
  std::uint64_t per_repeat_ = 0;
  std::string words_;
};

struct GemmOptions {
  std::uint64_t m = 8192, n = 8192, k = 8192;
  std::string dtype = "bf16";  // fp64, fp32, tf32, bf16, fp16, fp8_e4m3, int8
  std::uint64_t sets = 0;  // of operands, in rotation; 0: so many that all are four times the L2 cache, two at least
};

// Column-major "TN": C (m x n) = A^T B with A k x m and B k x n, C written anew. std::runtime_error in words.
std::unique_ptr<BareWork> make_bare_product(const GemmOptions& options, cudaStream_t stream);

// a = b + 3 c of three arrays of fp64, `bytes` each, a multiple of 16.
std::unique_ptr<BareWork> make_bare_triad(std::uint64_t bytes, cudaStream_t stream);

}  // namespace geomsu::bench
