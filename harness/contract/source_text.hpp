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
  // From 0-based line and byte column. Places asked for in the order of the text cost no more than reading it once,
  // however long its lines are.
  Mark mark(int line0, int byte_column0);
  char at(int line0, int byte_column0) const;  // the byte there, NUL beyond the line
  // Whether the quote that opens there is closed before the text ends. yaml-cpp takes the end of the file for a quote.
  bool quote_closes(int line0, int byte_column0) const;

 private:
  std::string_view line(int line0) const;
  std::string text_;
  std::vector<std::size_t> starts_;  // of each line
  int last_line_ = -1;               // the place that was asked for last: its line, byte column and column
  std::size_t last_byte_ = 0;
  int last_column_ = 1;
};

// A name for a character that may not stand in a text ("bidirectional control U+202E"), or nothing.
std::optional<std::string> forbidden_character(char32_t code);
std::optional<std::string> forbidden_in(std::string_view utf8);  // the first one of a text, line ends included

}  // namespace geomsu
