#include "harness/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/unicode_width.hpp"
#include "harness/base/utf8.hpp"

namespace geomsu {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Calls use(code or nothing, the bytes it came from) for each code point or invalid sequence.
template <typename Use>
void each_code(std::string_view text, Use use) {
  while (!text.empty()) {
    const Decoded next = decode_utf8(text);
    use(next.code, text.substr(0, next.size));
    text.remove_prefix(next.size);
  }
}

// Most text is this, and then nothing of it is to be decoded.
bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::u32string codes_of(std::string_view text) {
  std::u32string codes;
  each_code(text, [&](std::optional<char32_t> code, std::string_view) { codes += code.value_or(kReplacement); });
  return codes;
}

std::u32string lower_ascii(std::u32string codes) {
  for (char32_t& code : codes) {
    if (code >= U'A' && code <= U'Z') code += U'a' - U'A';
  }
  return codes;
}

std::string_view markup(char32_t code) {
  switch (code) {
    case U'&':
      return "&amp;";
    case U'<':
      return "&lt;";
    case U'>':
      return "&gt;";
    case U'"':
      return "&quot;";
    case U'\'':
      return "&#39;";
    default:
      return {};
  }
}

// What XML 1.0 (section 2.2) allows of the code points that UTF-8 can carry.
bool xml_allows(char32_t code) {
  return code == U'\t' || code == U'\n' || code == U'\r' || (code >= 0x20 && code != 0xFFFE && code != 0xFFFF);
}

// Marks that reorder what a reader sees, and line separators that some viewers honour.
bool reorders(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F ||
         code == 0x061C || code == 0x2028 || code == 0x2029;
}

// Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours.
std::size_t distance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t differ = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + differ});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  each_code(text, [&](std::optional<char32_t> code, std::string_view bytes) {
    if (!code) return append_utf8(out, kReplacement);
    const std::string_view escaped = markup(*code);
    out += escaped.empty() ? bytes : escaped;
  });
  return out;
}

std::string escape_xml(std::string_view text) {
  std::string out;
  each_code(text, [&](std::optional<char32_t> code, std::string_view bytes) {
    if (!code || !xml_allows(*code)) return append_utf8(out, kReplacement);
    const std::string_view escaped = markup(*code);
    out += escaped.empty() ? bytes : escaped;
  });
  return out;
}

std::string escape_terminal(std::string_view text) {
  if (is_printable_ascii(text)) return std::string(text);
  std::string out;
  each_code(text, [&](std::optional<char32_t> code, std::string_view bytes) {
    if (!code) {
      // An invalid byte may be a C1 control to a terminal in an 8-bit mode (0x9B is CSI), so each is spelt out.
      for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    } else if (*code == U'\n') {
      out += "\\n";
    } else if (*code == U'\t') {
      out += "\\t";
    } else if (*code == U'\r') {
      out += "\\r";
    } else if (*code < 0x20 || *code == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(*code));
    } else if ((*code >= 0x80 && *code <= 0x9F) || reorders(*code)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(*code));
    } else {
      out += bytes;
    }
  });
  return out;
}

std::string valid_utf8(std::string_view bytes) {
  if (is_printable_ascii(bytes)) return std::string(bytes);
  std::string out;
  each_code(bytes, [&](std::optional<char32_t> code, std::string_view raw) {
    if (code) {
      out += raw;
    } else {
      append_utf8(out, kReplacement);
    }
  });
  return out;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  each_code(utf8, [&](std::optional<char32_t> code, std::string_view) {
    columns += static_cast<std::size_t>(column_width(code.value_or(kReplacement)));
  });
  return columns;
}

std::string pad_right(std::string_view utf8, std::size_t columns) {
  std::string out(utf8);
  const std::size_t width = display_width(utf8);
  if (width < columns) out.append(columns - width, ' ');
  return out;
}

std::string pad_left(std::string_view utf8, std::size_t columns) {
  const std::size_t width = display_width(utf8);
  std::string out(width < columns ? columns - width : 0, ' ');
  out += utf8;
  return out;
}

std::string clip(std::string_view utf8, std::size_t columns) {
  if (display_width(utf8) <= columns) return std::string(utf8);
  if (columns == 0) return {};
  std::string out;
  std::size_t used = 0;
  bool full = false;
  each_code(utf8, [&](std::optional<char32_t> code, std::string_view bytes) {
    const auto width = static_cast<std::size_t>(column_width(code.value_or(kReplacement)));
    full = full || used + width > columns - 1;
    if (full) return;
    used += width;
    out += bytes;
  });
  return out + "…";
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::u32string exact = codes_of(word);
  const std::u32string wanted = lower_ascii(exact);
  std::string best;
  // Twice the distance without regard to case, plus one where the case differs: TFLOPS is nearer to TFLOP/s than to
  // tflops/x.
  std::size_t best_score = 0;
  for (const std::string& candidate : candidates) {
    const std::u32string codes = codes_of(candidate);
    const std::size_t apart = distance(wanted, lower_ascii(codes));
    const std::size_t allowed = std::max<std::size_t>(1, std::min(wanted.size(), codes.size()) / 3);
    if (apart > allowed || apart >= std::max(wanted.size(), codes.size())) continue;
    const std::size_t score = 1 + 1000 * apart + distance(exact, codes);
    if (best_score == 0 || score < best_score) {
      best_score = score;
      best = candidate;
    }
  }
  return best;
}

std::string shell_quote(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return error == std::errc() ? std::string(buffer, end) : std::string();
}

}  // namespace geomsu
