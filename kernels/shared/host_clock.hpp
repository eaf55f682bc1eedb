// The clock of devices that are the host itself.
#pragma once

#include <cstdint>
#include <ctime>

#include "harness/abi/geomsu_plugin.h"

namespace geomsu::plugin {

// CLOCK_MONOTONIC_RAW in nanoseconds.
inline std::uint64_t raw_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000ULL + static_cast<std::uint64_t>(now.tv_nsec);
}

// What a device says of its clock where that is raw_now_ns().
inline void describe_host_clock(geomsu_clock_info& to) {
  to.ticks_per_second = 1'000'000'000;
  to.valid_bits = 64;
  to.domain = GEOMSU_CLOCK_HOST;
}

}  // namespace geomsu::plugin
