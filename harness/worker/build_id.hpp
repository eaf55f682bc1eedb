// The GNU build id of an ELF file: which build of a plug-in was measured with, even where paths and versions are equal.
#pragma once

#include <string>
#include <string_view>

namespace geomsu::worker {

// Lower-case hex of the NT_GNU_BUILD_ID note in `elf`, the bytes of a 64-bit little-endian ELF file; empty where it has
// none or is no such file. Never reads beyond the bytes, whatever the headers claim.
std::string build_id(std::string_view elf);

}  // namespace geomsu::worker
