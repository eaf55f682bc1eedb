// Directives that declare memory: ".shared .align 4 .b8 tile[512]", ".const .align 4 .b8 table[8] = {1, 2}",
// ".param .u64 .ptr .align 1 name".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/cuda_emulation/ptx/text.hpp"
#include "tests/cuda_emulation/ptx/type.hpp"

namespace geomsu::emulation::ptx {

struct Declaration {
  std::string name;
  Type type = Type::kB8;
  std::uint32_t align = 1, bytes = 0;
  bool open = false;                 // "[]": as long as the launch says
  std::vector<std::byte> initial{};  // of what is given; the rest is zero
};

// Reads what follows the space (".shared", ".param", ...), up to but without the ";" or ",".
Declaration declaration(Cursor& at, bool may_be_initialised);

}  // namespace geomsu::emulation::ptx
