// What is compared with whom: the one table. A pair is one entry; a side that is missing here is named as left out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/peers/side.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::bench {

struct BareRequest {
  ops::Params params;            // complete
  std::uint64_t sets = 1;        // operand sets, as many as our side keeps
  std::string openblas, onednn;  // paths of the libraries; empty: where Debian puts them
};
// Error kUnavailable, with the reason, where the peer is not there or cannot do it.
using MakeBare = std::unique_ptr<Side> (*)(const BareRequest&);

struct Pair {
  std::string name;  // "gemm fp32 2048"
  std::string peer;  // "OpenBLAS cblas_sgemm"
  std::string operation;
  ops::Params params;
  double goal = 0;  // ours shall reach this share of the peer's speed
  MakeBare bare = nullptr;
};

const std::vector<Pair>& pair_table();
const Pair* find_pair(std::string_view name);

}  // namespace geomsu::bench
