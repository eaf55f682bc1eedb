// The algorithms that the emulated heuristic knows: few, of distinct ids, tiles and orders of summation, so that to
// take another one is seen in the digest. Their state lies inside cublasLtMatmulAlgo_t, which callers may keep and hand
// in again, as text too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <cublasLt.h>

#include "tests/cuda_emulation/cublaslt/problem.hpp"
#include "tests/cuda_emulation/cublaslt/product.hpp"

namespace geomsu::emulation::lt {

struct Algorithm {
  std::uint32_t magic = 0;
  std::int32_t id = 0;
  std::uint32_t tile = 0;
  std::int32_t split_k = 1;
  std::uint32_t reduction = 0, swizzle = 0, custom = 0, stages = 0;
  std::uint16_t inner = 0, cluster = 0;
  std::int32_t compute = 0, a_type = 0, b_type = 0, d_type = 0;  // what it was made for
  std::uint32_t alignment = 0;                                   // bytes of every matrix
  std::uint32_t reserved = 0;
};
static_assert(sizeof(Algorithm) <= sizeof(cublasLtMatmulAlgo_t));

// One algorithm, what it takes beside, how it adds, and how long it takes over the best of a flat roof.
struct Candidate {
  Algorithm algorithm;
  std::uint64_t workspace_bytes = 0;
  Summation summation;
  double slowness = 1;
};

// In the heuristic's order, best guess first (which is not the fastest: tuning must have something to find).
std::vector<Candidate> candidates(const Problem& problem, const Preference& preference);

// INVALID_VALUE where the algorithm is none of ours or was made for other types, NOT_SUPPORTED where it does not fit.
cublasStatus_t find(const Problem& problem, const cublasLtMatmulAlgo_t& algo, Candidate& found, std::string& why);

cublasLtMatmulAlgo_t pack(const Algorithm& algorithm);

}  // namespace geomsu::emulation::lt
