#include "harness/base/text.hpp"

#include <cstdlib>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/utf8.hpp"

namespace geomsu {
namespace {

TEST(EscapeHtml, LeavesNoMarkupAndNoInvalidByte) {
  EXPECT_EQ(escape_html("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(escape_html("검수 °C"), "검수 °C");
  EXPECT_EQ(escape_html("a\xff<"), "a\xEF\xBF\xBD&lt;");
}

TEST(EscapeXml, ReplacesWhatXmlForbids) {
  EXPECT_EQ(escape_xml(std::string_view("a\0b\x1b\t\n\r<", 8)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\t\n\r&lt;");
  EXPECT_EQ(
      escape_xml("\xEF\xBF\xBE|\xEF\xBF\xBF|\xED\xA0\x80"),
      "\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // U+FFFE, U+FFFF, a surrogate's three bytes
  EXPECT_EQ(escape_xml("검수 😀"), "검수 😀");
}

TEST(EscapeTerminal, MakesEveryControlCharacterVisible) {
  EXPECT_EQ(escape_terminal("\x1b[31mred\a"), "\\x1b[31mred\\x07");
  EXPECT_EQ(escape_terminal("a\nb\tc\rd\x7f"), "a\\nb\\tc\\rd\\x7f");
  EXPECT_EQ(escape_terminal(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(escape_terminal("\xC2\x9B"
                            "2J"),
            "\\u009b2J");  // C1's CSI as UTF-8
  EXPECT_EQ(escape_terminal("\x9B"
                            "2J"),
            "\\x9b2J");  // and as a bare byte
  for (unsigned code = 0; code < 0xA0; ++code) {
    std::string text;
    append_utf8(text, static_cast<char32_t>(code));
    const bool control = code < 0x20 || code >= 0x7F;
    EXPECT_EQ(escape_terminal(text) != text, control) << code;
  }
}

TEST(EscapeTerminal, MakesEveryBidiOverrideVisible) {
  for (const unsigned code : {0x061Cu, 0x200Eu, 0x200Fu, 0x202Au, 0x202Bu, 0x202Cu, 0x202Du, 0x202Eu, 0x2066u, 0x2067u,
                              0x2068u, 0x2069u, 0x2028u, 0x2029u}) {
    std::string text = "PASS";
    append_utf8(text, static_cast<char32_t>(code));
    const std::string shown = escape_terminal(text);
    EXPECT_TRUE(shown.starts_with("PASS\\u")) << shown;
    for (const char c : shown) EXPECT_TRUE(c >= 0x20 && c < 0x7F);
  }
}

TEST(EscapeTerminal, LeavesOrdinaryTextOfAnyScriptAlone) {
  for (const char* text : {"", "plain", "검수 통과", "日本語", "é e\xCC\x81", "😀", "–…°", "back\\slash"}) {
    EXPECT_EQ(escape_terminal(text), text);
  }
}

TEST(ValidUtf8, ReplacesEachInvalidSequenceOnce) {
  EXPECT_EQ(valid_utf8("가나"), "가나");
  EXPECT_EQ(valid_utf8("\xEA\xB0"), "\xEF\xBF\xBD");              // cut short
  EXPECT_EQ(valid_utf8("\xEA\xB0x"), "\xEF\xBF\xBDx");            // cut short by a letter, which stays
  EXPECT_EQ(valid_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // overlong '/'
  EXPECT_EQ(display_width(valid_utf8("\xE0\x80\xAF")), 3u);       // overlong in three bytes
  EXPECT_EQ(display_width(valid_utf8("\xF0\x80\x80\xAF")), 4u);   // and in four
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // above U+10FFFF
  EXPECT_EQ(valid_utf8("\x80"), "\xEF\xBF\xBD");
}

TEST(ValidUtf8, KeepsEveryCodePointAndIsIdempotent) {
  std::string all;
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code < 0xD800 || code > 0xDFFF) append_utf8(all, code);
  }
  EXPECT_TRUE(valid_utf8(all) == all);
  std::string bytes;
  for (int i = 0; i < 65536; ++i) {
    bytes += static_cast<char>(i >> 8);
    bytes += static_cast<char>(i & 0xFF);
  }
  const std::string once = valid_utf8(bytes);
  EXPECT_TRUE(valid_utf8(once) == once);
}

TEST(DisplayWidth, CountsHangulAndCjkAsTwoColumnsAndMarksAsNone) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("검수"), 4u);
  EXPECT_EQ(display_width("漢字かな"), 8u);
  EXPECT_EQ(display_width("ａ"), 2u);                                    // fullwidth
  EXPECT_EQ(display_width("e\xCC\x81"), 1u);                             // e and a combining acute
  EXPECT_EQ(display_width("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"), 2u);  // 각 in three jamo
  EXPECT_EQ(display_width("\xE2\x80\x8B"), 0u);                          // zero width space
  EXPECT_EQ(display_width("–…°"), 3u);
  EXPECT_EQ(display_width("😀"), 2u);
  EXPECT_EQ(display_width("\xff"), 1u);
  EXPECT_EQ(display_width("1.5억원"), 7u);
}

TEST(Padding, FillsToTheColumnsOfATerminal) {
  EXPECT_EQ(pad_right("검수", 6), "검수  ");
  EXPECT_EQ(pad_left("검수", 6), "  검수");
  EXPECT_EQ(pad_right("abcd", 2), "abcd");
  EXPECT_EQ(pad_left("", 2), "  ");
}

TEST(Clip, CutsAtWholeCharactersAndSaysSo) {
  EXPECT_EQ(clip("abcdef", 6), "abcdef");
  EXPECT_EQ(clip("abcdef", 4), "abc…");
  EXPECT_EQ(clip("가나다", 5), "가나…");
  EXPECT_EQ(clip("가나다", 4), "가…");  // half a syllable does not fit
  EXPECT_EQ(clip("가나다", 1), "…");
  EXPECT_EQ(clip("가나다", 0), "");
  for (std::size_t columns = 0; columns < 12; ++columns) {
    EXPECT_LE(display_width(clip("a가b나c다d\xCC\x81", columns)), columns);
  }
}

TEST(Closest, FindsASlipAndNothingBeyondIt) {
  const std::vector<std::string> keys{"at_least", "at_most", "tolerance", "confidence", "scope"};
  EXPECT_EQ(closest("at_leats", keys), "at_least");  // swapped neighbours
  EXPECT_EQ(closest("tolerence", keys), "tolerance");
  EXPECT_EQ(closest("SCOPE", keys), "scope");
  EXPECT_EQ(closest("banana", keys), "");
  EXPECT_EQ(closest("x", {"y"}), "");
  EXPECT_EQ(closest("", keys), "");
  EXPECT_EQ(closest("a", {}), "");
}

TEST(ShellQuote, IsReadBackByAShellAsOneWord) {
  EXPECT_EQ(shell_quote("gemm:m=1,n=2@node"), "gemm:m=1,n=2@node");
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("a b"), "'a b'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quote("$(rm -rf x)`y`"), "'$(rm -rf x)`y`'");
  EXPECT_EQ(shell_quote("~"), "'~'");
  EXPECT_EQ(shell_quote("별표"), "'별표'");
}

TEST(ShortestText, ReadsBackToTheSameDouble) {
  for (const double value : {0.0, 0.1, 1.0 / 3, 1e300, 5e-324, -2.5, 123456789.0, 0.07}) {
    EXPECT_EQ(std::strtod(shortest(value).c_str(), nullptr), value);
  }
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(-2.5), "-2.5");
  EXPECT_EQ(shortest(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(shortest(-std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(shortest(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(shortest(-std::numeric_limits<double>::infinity()), "-inf");
}

}  // namespace
}  // namespace geomsu
