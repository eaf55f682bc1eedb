#include "harness/cli/build_facts.hpp"

#include <fmt/format.h>

#include "build_info.hpp"
#include "commit.hpp"

namespace geomsu::cli {

std::string tool_name() { return fmt::format("geomsu {} ({})", build::kVersion, build::kCommit); }

std::string tool_build() {
  return fmt::format("{}, {}, {}, commit {}", build::kCompiler, build::kBuildType, build::kFlags, build::kCommit);
}

std::string version_text() {
  return fmt::format(
      "geomsu {}\n"
      "commit     {}\n"
      "compiler   {}\n"
      "build      {}{}{}\n"
      "flags      {}\n"
      "system     {}\n"
      "libraries  fmt {}, yaml-cpp {}, nlohmann-json {}, CLI11 {}, libsodium {}, libzstd {}\n",
      build::kVersion, build::kCommit, build::kCompiler, build::kBuildType,
      build::kSanitizers.empty() ? "" : ", sanitizers ", build::kSanitizers, build::kFlags, build::kSystem, build::kFmt,
      build::kYamlCpp, build::kJson, build::kCli11, build::kSodium, build::kZstd);
}

std::string cuda_absent() {
  if (build::kCuda == "yes") return {};
  return fmt::format(
      "not in this build: {}; next: install CUDA Toolkit 12.4 or newer with cuBLASLt (no GPU is needed to build), "
      "configure and build again",
      build::kCudaWhy);
}

}  // namespace geomsu::cli
