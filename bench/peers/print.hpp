// What was compared, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "bench/peers/compare.hpp"

namespace geomsu::bench {

struct RunFacts {
  std::string command, started_utc, processor;
  double load_before = 0, load_after = 0;  // the kernel's one-minute load average
  std::size_t rounds = 0;
  double block_ms = 0;
  std::uint64_t seed = 0;
};

std::string table_of(const std::vector<PairResult>& results, const RunFacts& facts);
std::string json_of(const std::vector<PairResult>& results, const RunFacts& facts);

}  // namespace geomsu::bench
