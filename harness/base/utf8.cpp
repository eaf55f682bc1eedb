#include "harness/base/utf8.hpp"

namespace geomsu {
namespace {

unsigned at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

}  // namespace

Decoded decode_utf8(std::string_view bytes) {
  const unsigned lead = at(bytes, 0);
  if (lead < 0x80) return {static_cast<char32_t>(lead), 1};
  std::size_t length = 0;
  unsigned low = 0x80, high = 0xBF;  // what the second byte may be: table 3-7 of the Unicode standard
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {std::nullopt, 1};
  }
  unsigned code = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= bytes.size() || at(bytes, i) < low || at(bytes, i) > high) return {std::nullopt, i};
    code = (code << 6) | (at(bytes, i) & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return {static_cast<char32_t>(code), length};
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&out](unsigned byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto c = static_cast<unsigned>(code);
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace geomsu
