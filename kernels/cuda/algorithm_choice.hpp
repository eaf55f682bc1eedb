// Which of cuBLASLt's algorithms computes a gemm: the heuristic's first, or the fastest of those that it knows, found
// once for a kind of GPU and kept (tuned.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <cublasLt.h>

#include "kernels/cuda/lt.hpp"

namespace geomsu::cuda {

struct AlgorithmChoice {
  cublasLtMatmulAlgo_t algorithm{};
  std::uint64_t workspace_bytes = 0;
  // "cuBLASLt 13.1.0, heuristic: id 66, ..., workspace 32768 bytes". A choice that was just made and one that was kept
  // read alike: digests are compared where these words are equal.
  std::string words;
};

// The words are empty where the library offers nothing.
AlgorithmChoice choose_by_heuristic(const LtProduct& product, std::uint64_t workspace_bytes);

struct TuningRequest {
  std::string directory, device, problem;  // what a kept choice is filed under
  std::uint64_t workspace_bytes = 0;
  // Runs one algorithm a few times on the very buffers of the workload: nanoseconds.
  std::function<std::uint64_t(const LtResult&)> time;
};
// Of a product for which the heuristic has something. Takes the kept choice without timing, or times up to 32 and keeps
// the fastest; where another process kept one meanwhile, takes that. Failure INVALID_ARGUMENT where what is kept cannot
// be taken.
AlgorithmChoice choose_tuned(const LtProduct& product, const TuningRequest& request);

}  // namespace geomsu::cuda
