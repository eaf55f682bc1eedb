#include "harness/worker/build_id.hpp"

#include <cstdint>
#include <cstring>
#include <optional>

#include <elf.h>
#include <fmt/format.h>

namespace geomsu::worker {
namespace {
template <class Header>
std::optional<Header> header_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Header)) return std::nullopt;
  Header header;
  std::memcpy(&header, bytes.data() + offset, sizeof header);
  return header;
}

constexpr std::uint64_t padded(std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; }

std::string from_notes(std::string_view notes) {
  std::uint64_t at = 0;
  while (const auto note = header_at<Elf64_Nhdr>(notes, at)) {
    const std::uint64_t name = at + sizeof *note;
    const std::uint64_t text = name + padded(note->n_namesz);
    const std::uint64_t end = text + note->n_descsz;
    if (end > notes.size()) return {};
    if (note->n_type == NT_GNU_BUILD_ID && notes.substr(name, note->n_namesz) == std::string_view("GNU\0", 4)) {
      std::string hex;
      for (const char byte : notes.substr(text, note->n_descsz)) {
        hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      }
      return hex;
    }
    at = text + padded(note->n_descsz);
  }
  return {};
}
}  // namespace

std::string build_id(std::string_view elf) {
  const auto file = header_at<Elf64_Ehdr>(elf, 0);
  if (!file || std::memcmp(file->e_ident, ELFMAG, SELFMAG) != 0 || file->e_ident[EI_CLASS] != ELFCLASS64 ||
      file->e_ident[EI_DATA] != ELFDATA2LSB || file->e_phentsize != sizeof(Elf64_Phdr)) {
    return {};
  }
  for (std::uint64_t i = 0; i < file->e_phnum; ++i) {
    if (file->e_phoff > elf.size()) return {};
    const auto segment = header_at<Elf64_Phdr>(elf, file->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return {};
    if (segment->p_type != PT_NOTE || segment->p_offset > elf.size()) continue;
    std::string id = from_notes(elf.substr(segment->p_offset, segment->p_filesz));
    if (!id.empty()) return id;
  }
  return {};
}

}  // namespace geomsu::worker
