#include "harness/contract/source_text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "harness/base/utf8.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_bidi_control(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool is_invisible(char32_t code) {
  return code == 0x00AD || code == 0x200B || code == 0x2028 || code == 0x2029 || code == 0x2060 || code == 0xFEFF ||
         (code >= 0xE0000 && code <= 0xE007F);
}

// "\r\n" becomes "\n"; a lone "\r" stays and is refused as a control character.
std::string unix_lines(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') continue;
    text += bytes[i];
  }
  return text;
}

}  // namespace

std::optional<std::string> forbidden_character(char32_t code) {
  const auto number = static_cast<std::uint32_t>(code);
  if (code < 0x20 || code == 0x7F || (code >= 0x80 && code < 0xA0)) {
    return fmt::format("control character U+{:04X}", number);
  }
  if (is_bidi_control(code)) return fmt::format("bidirectional control U+{:04X}", number);
  if (is_invisible(code)) return fmt::format("invisible character U+{:04X}", number);
  return std::nullopt;
}

std::optional<std::string> forbidden_in(std::string_view utf8) {
  while (!utf8.empty()) {
    const Decoded next = decode_utf8(utf8);
    if (!next.code) return "bytes that are no UTF-8";
    if (auto name = forbidden_character(*next.code)) return name;
    utf8.remove_prefix(next.size);
  }
  return std::nullopt;
}

std::optional<SourceText> SourceText::check(std::string_view bytes, Diagnostics& diagnostics) {
  if (bytes.size() > kYamlMaxBytes) {
    diagnostics.error({}, fmt::format("the file has {} bytes, the limit is {}", bytes.size(), kYamlMaxBytes),
                      {"a contract is read by people, and no honest one is that long",
                       "check that this is the right file; split a long delivery into tranches"});
    return std::nullopt;
  }
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  SourceText source;
  source.text_ = unix_lines(bytes);
  Mark at;
  bool readable = true;
  source.starts_.push_back(0);
  std::string_view rest = source.text_;
  while (!rest.empty() && readable) {
    const Decoded next = decode_utf8(rest);
    const std::size_t begin = source.text_.size() - rest.size();
    rest.remove_prefix(next.size);
    if (!next.code) {
      diagnostics.error(at, fmt::format("byte 0x{:02X} is no UTF-8", static_cast<unsigned char>(source.text_[begin])),
                        {"the file was saved in another encoding, such as EUC-KR or UTF-16",
                         "save it as UTF-8: iconv -f EUC-KR -t UTF-8"});
      readable = false;
    } else if (*next.code == 0) {
      diagnostics.error(at, "a NUL character", {"this is no text file", "check that this is the right file"});
      readable = false;
    } else if (*next.code == U'\n') {
      ++at.line;
      at.column = 0;
      source.starts_.push_back(begin + 1);
    } else if (*next.code == U'\t') {
      // YAML has its own word on tabs.
    } else if (const auto name = forbidden_character(*next.code)) {
      diagnostics.error(at, *name, {"it makes a reader see other words than the program reads", "remove it"});
    }
    ++at.column;
  }
  if (!readable) return std::nullopt;
  return source;
}

std::string_view SourceText::line(int line0) const {
  if (line0 < 0 || static_cast<std::size_t>(line0) >= starts_.size()) return {};
  const auto index = static_cast<std::size_t>(line0);
  const std::size_t end = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
  return std::string_view(text_).substr(starts_[index], end - starts_[index]);
}

// A place beyond the last line (yaml-cpp reports the end of the text there) is given as the end of the last line.
Mark SourceText::mark(int line0, int byte_column0) {
  const int last = static_cast<int>(starts_.size()) - 1;
  const int where = std::clamp(line0, 0, last);
  const std::string_view words = line(where);
  const std::size_t wanted = line0 > last ? words.size() : static_cast<std::size_t>(std::max(byte_column0, 0));
  const std::size_t end = std::min(wanted, words.size());
  if (where != last_line_ || end < last_byte_) {
    last_line_ = where;
    last_byte_ = 0;
    last_column_ = 1;
  }
  for (; last_byte_ < end; ++last_byte_) {
    if ((static_cast<unsigned char>(words[last_byte_]) & 0xC0) != 0x80) ++last_column_;
  }
  return {where + 1, last_column_};
}

bool SourceText::quote_closes(int line0, int byte_column0) const {
  const char quote = at(line0, byte_column0);
  if (quote != '"' && quote != '\'') return true;
  std::size_t i = starts_[static_cast<std::size_t>(line0)] + static_cast<std::size_t>(byte_column0) + 1;
  for (; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < text_.size() && text_[i + 1] == quote;
      if (!doubled) return true;
      ++i;
    }
  }
  return false;
}

char SourceText::at(int line0, int byte_column0) const {
  const std::string_view words = line(line0);
  const auto column = static_cast<std::size_t>(std::max(byte_column0, 0));
  return column < words.size() ? words[column] : '\0';
}

}  // namespace geomsu
