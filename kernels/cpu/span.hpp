// Ticks of one submission on one rank: raw_now_ns().
#pragma once

#include <cstdint>

#include "harness/abi/plugin_span.hpp"
#include "kernels/shared/host_clock.hpp"

namespace geomsu::cpu {

using plugin::raw_now_ns;
using plugin::Span;

inline constexpr std::uint64_t kKeptEnds = 4096;  // end ticks of single repeats that are kept of one submission

}  // namespace geomsu::cpu
