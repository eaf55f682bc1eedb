// For makers of plug-ins in C++20: which repeats a workload has run since its last reseed, and the refusals that follow
// from it. Header-only.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "harness/abi/geomsu_plugin.h"
#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::plugin {

class Repeats {
 public:
  void reseeded() {
    count_ = 0;
    seeded_ = true;
  }
  std::uint64_t count() const { return count_; }

  // Numbers the repeats of a submission: the first of them. Failure before the first reseed.
  std::uint64_t book(std::uint64_t count) {
    if (!seeded_) throw Failure(GEOMSU_INVALID_ARGUMENT, "submit before reseed: the inputs hold nothing yet");
    const std::uint64_t first = count_;
    count_ += count;
    return first;
  }

  // `elements` of the tensor are 0 where there is no such tensor.
  void check(std::uint32_t tensor, std::uint64_t elements, std::uint64_t repeat) const {
    if (elements == 0) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, "there is no tensor " + std::to_string(tensor) + " in this operation");
    }
    if (tensor == GEOMSU_TENSOR_OUTPUT && repeat >= count_) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, "repeat " + std::to_string(repeat) + " was not run: " +
                                                 std::to_string(count_) + " were since the last reseed");
    }
  }

  static void check_indices(std::uint32_t tensor, std::uint64_t elements, std::span<const std::uint64_t> indices) {
    for (const std::uint64_t index : indices) {
      if (index < elements) continue;
      throw Failure(GEOMSU_INVALID_ARGUMENT, "index " + std::to_string(index) + " of tensor " + std::to_string(tensor) +
                                                 ", which has " + std::to_string(elements) + " elements");
    }
  }

  static void check_projected(std::uint32_t tensor) {
    if (tensor != GEOMSU_TENSOR_OUTPUT) throw Failure(GEOMSU_UNSUPPORTED, "only the output (tensor 0) is projected");
  }

 private:
  std::uint64_t count_ = 0;
  bool seeded_ = false;
};

}  // namespace geomsu::plugin
