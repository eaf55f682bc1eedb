// What a shared object exports, read from its bytes: nothing of it is loaded or run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace geomsu::conform {

// Names of the global and weak symbols that a 64-bit little-endian ELF file defines for others, sorted, without
// versions. Error kBadData where the bytes are none, or point outside of themselves.
std::vector<std::string> exported_symbols(std::string_view file);

}  // namespace geomsu::conform
