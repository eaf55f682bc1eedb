// The kernels of kernels.cu, as PTX of the architecture that the parameter names, and a world to run them in.
#pragma once

#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cuda_emulation/ptx/support.hpp"

namespace geomsu::emulation::ptx {

class KernelFixture : public testing::TestWithParam<const char*> {
 protected:
  KernelFixture() {
    const std::string path = std::string(KERNELS_DIR) + "/kernels_" + GetParam() + ".ptx";
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    module_ = parse(text.str());
  }

  void launch(std::string_view kernel, Dim grid, Dim block, const Arguments& arguments, std::uint64_t seed = 1,
              std::uint32_t shared = 0) {
    run(*module_, of(kernel, grid, block, arguments, seed, shared), world_);
  }
  static Launch of(std::string_view kernel, Dim grid, Dim block, const Arguments& arguments, std::uint64_t seed = 1,
                   std::uint32_t shared = 0) {
    return {.kernel = kernel,
            .grid = grid,
            .block = block,
            .dynamic_shared_bytes = shared,
            .parameters = arguments.bytes(),
            .seed = seed,
            .shuffle = true,
            .most_instructions = 1'000'000};
  }

  std::shared_ptr<const Module> module_;
  Buffers world_;
};
inline std::vector<float> noise(std::size_t count, float least = -1, float most = 1) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> values(least, most);
  std::vector<float> made(count);
  for (float& value : made) value = values(random);
  return made;
}

}  // namespace geomsu::emulation::ptx
