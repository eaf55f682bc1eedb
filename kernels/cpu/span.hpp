// Ticks of one submission on one rank.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/clock.hpp"

namespace geomsu::cpu {

inline constexpr std::uint64_t kKeptEnds = 4096;  // end ticks of single repeats that are kept of one submission

struct Span {  // raw_now_ns()
  std::uint64_t first = 0, last = 0;
  std::vector<std::uint64_t> ends;  // room for as many repeats as are kept; taken before the clock runs
};

}  // namespace geomsu::cpu
