// A kernel's body: scopes, registers, labels and instructions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "tests/cuda_emulation/ptx/decoder.hpp"

namespace geomsu::emulation::ptx {

// Counters of a module's source lines, shared by its kernels.
struct SourceLines {
  Module& module;
  std::map<std::int64_t, std::string> files;
  std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> known;

  // The counter of a line that .loc names; its file must be named by a .file.
  std::size_t counter(std::int64_t file, std::int64_t line);
};

void parse_body(Cursor& at, KernelScope& scope, SourceLines& lines);

}  // namespace geomsu::emulation::ptx
