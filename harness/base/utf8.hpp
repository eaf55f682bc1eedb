// UTF-8, read one code point at a time from bytes that nobody vouches for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

// A code point, or nothing where the bytes are no UTF-8: then `size` is the longest prefix that could have begun one
// (at least 1), the unit that the Unicode standard (3.9, "maximal subpart") replaces by one U+FFFD. Overlong forms and
// surrogates are invalid.
struct Decoded {
  std::optional<char32_t> code;
  std::size_t size = 0;
};
Decoded decode_utf8(std::string_view bytes);  // the first of `bytes`, which must not be empty

void append_utf8(std::string& out, char32_t code);

}  // namespace geomsu
