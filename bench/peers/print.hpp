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

// The table in the parts in which it is printed, so that a run that is stopped has shown what it had.
std::string table_head();
std::string table_rows(const PairResult& result);
std::string table_foot(const RunFacts& facts);
std::string json_of(const std::vector<PairResult>& results, const RunFacts& facts);

}  // namespace geomsu::bench
