#include "harness/conform/elf.hpp"

#include <algorithm>
#include <cstring>

#include <elf.h>

#include "harness/base/error.hpp"

namespace geomsu::conform {
namespace {

[[noreturn]] void refuse(const char* why) {
  throw Error(ErrorCode::kBadData, why, "shared object", "build the plug-in as an ELF shared object for 64-bit Linux");
}

template <class T>
T at(std::string_view file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) refuse("the file points outside of itself");
  T out;
  std::memcpy(&out, file.data() + offset, sizeof out);
  return out;
}

Elf64_Shdr section(std::string_view file, const Elf64_Ehdr& header, std::uint64_t index) {
  if (index >= header.e_shnum) refuse("the file names a section that it does not have");
  return at<Elf64_Shdr>(file, header.e_shoff + index * sizeof(Elf64_Shdr));
}

std::string name_at(std::string_view file, const Elf64_Shdr& names, std::uint64_t offset) {
  if (names.sh_offset > file.size() || names.sh_size > file.size() - names.sh_offset || offset >= names.sh_size)
    refuse("the file points outside of itself");
  const std::string_view table = file.substr(names.sh_offset, names.sh_size);
  return std::string(table.substr(offset, table.find('\0', offset) - offset));
}

}  // namespace

std::vector<std::string> exported_symbols(std::string_view file) {
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_type != ET_DYN || header.e_shentsize != sizeof(Elf64_Shdr)) {
    refuse("this is no shared object of 64-bit little-endian ELF");
  }
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr table = section(file, header, i);
    if (table.sh_type != SHT_DYNSYM) continue;
    const Elf64_Shdr texts = section(file, header, table.sh_link);
    for (std::uint64_t j = 0; j < table.sh_size / sizeof(Elf64_Sym); ++j) {
      const auto symbol = at<Elf64_Sym>(file, table.sh_offset + j * sizeof(Elf64_Sym));
      const unsigned binding = ELF64_ST_BIND(symbol.st_info), visibility = ELF64_ST_VISIBILITY(symbol.st_other);
      if (symbol.st_shndx == SHN_UNDEF || (binding != STB_GLOBAL && binding != STB_WEAK && binding != STB_GNU_UNIQUE) ||
          (visibility != STV_DEFAULT && visibility != STV_PROTECTED)) {
        continue;
      }
      names.push_back(name_at(file, texts, symbol.st_name));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace geomsu::conform
