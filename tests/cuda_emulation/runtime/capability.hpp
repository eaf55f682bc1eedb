// What a multiprocessor of a compute capability has: CUDA C++ Programming Guide 13.0, "Technical Specifications per
// Compute Capability".
#pragma once

#include <cstdint>
#include <string>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation {

struct Limits {
  std::uint64_t threads = 0, blocks = 0;
  std::uint64_t shared = 0, shared_opt_in = 0;  // bytes of a multiprocessor, and of one block that asks for them
};

inline Limits limits_of(int capability) {
  constexpr std::uint64_t kKiB = 1024;
  switch (capability) {
    case 75:
      return {1024, 16, 64 * kKiB, 64 * kKiB};
    case 80:
      return {2048, 32, 164 * kKiB, 163 * kKiB};
    case 86:
      return {1536, 16, 100 * kKiB, 99 * kKiB};
    case 89:
      return {1536, 24, 100 * kKiB, 99 * kKiB};
    case 90:
    case 100:
      return {2048, 32, 228 * kKiB, 227 * kKiB};
    case 120:
      return {1536, 24, 100 * kKiB, 99 * kKiB};
    default:
      die("no limits are known here for compute capability " + std::to_string(capability / 10) + "." +
          std::to_string(capability % 10) + "; next: add them to capability.hpp");
  }
}

}  // namespace geomsu::emulation
