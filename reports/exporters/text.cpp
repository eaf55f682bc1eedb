#include "reports/exporters/text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu {
namespace {

std::string_view code(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "1;32";
    case Outcome::kFail:
      return "1;31";
    case Outcome::kInconclusive:
      return "1;33";
    case Outcome::kInvalid:
      return "1;35";
    case Outcome::kNotRun:
      return "1;36";
    case Outcome::kNotApplicable:
      return "2";
  }
  return "0";
}

}  // namespace

std::string Painter::paint(Outcome outcome, const std::string& text) const {
  if (!colour_) return text;
  return fmt::format("\x1b[{}m{}\x1b[0m", code(outcome), text);
}

std::string Painter::bold(const std::string& text) const {
  return colour_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : text;
}

std::string shown_text(std::string_view text) { return escape_terminal(valid_utf8(text)); }

std::string wrap(std::string_view text, std::size_t indent, std::size_t columns) {
  const std::size_t room = columns > indent + 8 ? columns - indent : 8;
  std::string out, line;
  const auto end_line = [&] {
    out.append(indent, ' ').append(line).append("\n");
    line.clear();
  };
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    std::string word = shown_text(text.substr(begin, end - begin));
    if (!line.empty() && display_width(line) + 1 + display_width(word) > room) end_line();
    while (display_width(word) > room) {
      std::size_t bytes = 0;
      while (bytes < word.size()) {
        std::size_t next = bytes + 1;
        while (next < word.size() && (static_cast<unsigned char>(word[next]) & 0xC0u) == 0x80u) ++next;
        if (display_width(std::string_view(word).substr(0, next)) > room) break;
        bytes = next;
      }
      if (bytes == 0) break;
      line = word.substr(0, bytes);
      word.erase(0, bytes);
      end_line();
    }
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    if (end < text.size() && text[end] == '\n') end_line();
    begin = end + 1;
  }
  if (!line.empty()) end_line();
  return out;
}

}  // namespace geomsu
