// Text from devices and contracts is never trusted: it is escaped wherever it is shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu {

std::string escape_html(std::string_view text);  // & < > " '
std::string escape_xml(std::string_view text);   // as HTML, and characters that XML 1.0 forbids become U+FFFD
std::string escape_terminal(
    std::string_view text);                        // control characters (C0, C1, DEL) and bidi overrides become visible
std::string valid_utf8(std::string_view bytes);    // invalid sequences become U+FFFD
std::size_t display_width(std::string_view utf8);  // columns: Hangul and CJK count two, combining marks none
std::string pad_right(std::string_view utf8, std::size_t columns);
std::string pad_left(std::string_view utf8, std::size_t columns);
std::string clip(std::string_view utf8, std::size_t columns);  // with a final "…" where something was cut
std::string closest(std::string_view word, const std::vector<std::string>& candidates);  // "did you mean", or empty
std::string shell_quote(std::string_view word);                                          // safe to paste
std::string shortest(double value);  // shortest text that reads back to the same double; "null" never, NaN is "nan"

}  // namespace geomsu
