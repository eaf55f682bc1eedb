// For makers of plug-ins in C++20: the ticks of one submission. Header-only.
#pragma once

#include <cstdint>
#include <vector>

namespace geomsu::plugin {

// Of one block on one rank, and of the ends of its first repeats (as many as `ends` has room for, taken before the
// clock runs).
struct Span {
  std::uint64_t first = 0, last = 0;
  std::vector<std::uint64_t> ends;
};

}  // namespace geomsu::plugin
