// The device's clock.
#pragma once

#include <cstdint>
#include <ctime>

namespace geomsu::cpu {

// CLOCK_MONOTONIC_RAW in nanoseconds.
inline std::uint64_t raw_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000ULL + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace geomsu::cpu
