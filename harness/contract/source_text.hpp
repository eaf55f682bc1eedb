// The bytes of a configuration file, before YAML: encoding, line ends, and characters that show what is not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/diagnostics.hpp"

namespace geomsu {

// Text with \n line ends and without a byte-order mark, and the map from its byte columns to characters.
class SourceText {
 public:
  // Nothing where no reader should go on: over the size limit, invalid UTF-8, NUL. Control characters and bidi
  // overrides are errors that leave the text readable.
  static std::optional<SourceText> check(std::string_view bytes, Diagnostics& diagnostics);

  const std::string& text() const { return text_; }
  Mark mark(int line0, int byte_column0) const;  // from 0-based line and byte column
  char at(int line0, int byte_column0) const;    // the byte there, NUL beyond the line

 private:
  std::string_view line(int line0) const;
  std::string text_;
  std::vector<std::size_t> starts_;  // of each line
};

// A name for a character that may not stand in a text ("bidirectional control U+202E"), or nothing.
std::optional<std::string> forbidden_character(char32_t code);
std::optional<std::string> forbidden_in(std::string_view utf8);  // the first one of a text, line ends included

}  // namespace geomsu
