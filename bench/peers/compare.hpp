// Sides in turn in one run, and what their times say of each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/stats/ratio.hpp"

namespace geomsu::bench {

inline constexpr double kConfidence = 0.95;     // of the ratio's two-sided interval
inline constexpr std::size_t kFewestPairs = 6;  // for which that interval exists

// One block of a side, in ns.
using TimeBlock = std::function<double()>;

// `rounds` rounds; in each every side has one block, in an order drawn from `seed`, `before_each` called before every
// block. One row a side.
std::vector<std::vector<double>> interleave(const std::vector<TimeBlock>& sides, std::size_t rounds, std::uint64_t seed,
                                            const std::function<void()>& before_each);

// How many repeats last at least `block_ns`: asks with more until they do. At most 2^20.
std::uint64_t repeats_for(const std::function<double(std::uint64_t)>& block, double block_ns);

// What the interval says of a goal: its lower end reaches it, its upper end misses it, or it holds it.
enum class Reached { kYes, kNo, kOpen };
Reached reached(const stats::RatioInterval& ratio, double goal);
std::string_view to_string(Reached reached);  // "yes", "no", "open"

// A side of a pair that was tried: its times, or why there are none.
struct SideResult {
  std::string side;  // "peer", "abi", "worker"
  std::string words;
  std::string left_out;  // reason; empty where it took part
  std::vector<double> ns;
};
struct Comparison {
  std::string side;
  stats::RatioInterval ratio;  // the peer's time over ours: above 1 ours is the faster
};
struct PairResult {
  std::string name, peer, workload, unit;
  double goal = 0, work = 0;  // FLOP or bytes of a repeat
  std::uint64_t operand_sets = 0, repeats = 0;
  std::vector<SideResult> sides;
  std::vector<Comparison> comparisons;
  std::string failed;  // what ended the measurement midway
};

// The peer's times against every other side that took part.
std::vector<Comparison> compare(const std::vector<SideResult>& sides);

}  // namespace geomsu::bench
