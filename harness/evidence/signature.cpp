#include "harness/evidence/signature.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

std::string decode(std::string_view base64) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned have = 0;
  while (base64.ends_with('=')) base64.remove_suffix(1);
  for (const char c : base64) {
    const int value = sextet(c);
    if (value < 0) return {};
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes += static_cast<char>((bits >> have) & 0xFF);
  }
  return bytes;
}

}  // namespace

// Line 2 is base64 of: "Ed" or "ED" (prehashed), 8 bytes of key id (little-endian), 64 bytes of signature.
std::string signature_key_id(std::string_view minisig, const std::string& where) {
  const std::size_t first = minisig.find('\n');
  const std::string_view rest = first == std::string_view::npos ? std::string_view() : minisig.substr(first + 1);
  const std::string bytes = decode(rest.substr(0, rest.find('\n')));
  if (!minisig.starts_with("untrusted comment:") || bytes.size() != 74 || bytes[0] != 'E' ||
      (bytes[1] != 'd' && bytes[1] != 'D')) {
    throw Error(ErrorCode::kBadData, "is no minisign signature", where, "sign again with minisign, or remove it");
  }
  std::uint64_t id = 0;
  for (unsigned i = 0; i < 8; ++i) {
    id |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[2 + i])) << (8 * i);
  }
  return fmt::format("{:016X}", id);
}

}  // namespace geomsu
