// How work is split over threads.
#pragma once

#include <algorithm>
#include <cstdint>

namespace geomsu::cpu {

// [first, last) of part `part` of `parts`, each a multiple of `unit` but for the last.
struct Part {
  std::uint64_t first = 0, last = 0;
  std::uint64_t size() const { return last - first; }
};

inline Part part_of(std::uint64_t count, std::uint64_t unit, int part, int parts) {
  const std::uint64_t units = (count + unit - 1) / unit, n = static_cast<std::uint64_t>(parts),
                      i = static_cast<std::uint64_t>(part);
  const std::uint64_t each = units / n, rest = units % n;
  const std::uint64_t first = i * each + std::min(i, rest), last = first + each + (i < rest ? 1 : 0);
  return {std::min(first * unit, count), std::min(last * unit, count)};
}

}  // namespace geomsu::cpu
