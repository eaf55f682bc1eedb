#include "harness/base/text.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/exporters/exporters.hpp"
#include "tests/unit/exporters/sample_report.hpp"

namespace geomsu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t widest(const std::string& text) {
  std::istringstream lines(text);
  std::size_t found = 0;
  for (std::string line; std::getline(lines, line);) found = std::max(found, display_width(line));
  return found;
}

TEST(TerminalTable, IsNeverWiderThanTold) {
  for (const int columns : {60, 80, 100}) {
    for (const Language language : {Language::kKorean, Language::kEnglish}) {
      EXPECT_LE(widest(report_text(test::sample_report(), columns, false, language)),
                static_cast<std::size_t>(columns));
    }
  }
}

TEST(TerminalTable, StaysInItsWidthWithLongAndKoreanNames) {
  Report report = test::sample_report();
  report.verdict.clauses[0].clause = "아주아주아주아주아주아주아주아주아주아주아주-긴-조항의-이름";
  report.verdict.clauses[0].weakest = {"노드이름이매우매우매우긴서버-0123456789", "SN-0123456789-0123456789"};
  report.verdict.rows[1].words = std::string(300, 'w');
  EXPECT_LE(widest(report_text(report, 100, false, Language::kKorean)), 100u);
}

TEST(TerminalTable, AlignsColumnsThoughKoreanIsTwoWide) {
  std::istringstream lines(report_text(test::sample_report(), 100, false, Language::kKorean));
  std::string header, first;
  std::getline(lines, header);
  std::getline(lines, first);
  const auto column = [](const std::string& line, const std::string& word) {
    return display_width(std::string_view(line).substr(0, line.find(word)));
  };
  EXPECT_EQ(column(header, "결과"), column(first, "불합격"));
  EXPECT_EQ(column(header, "기준"), column(first, ">= 133.0"));
}

TEST(TerminalTable, GivesReasonActionAndCommandOfWhatDidNotPass) {
  const std::string text = report_text(test::sample_report(), 100, false);
  EXPECT_THAT(text, HasSubstr("FAIL  gemm-fp32  node1/SN-B  beyond the bar"));
  EXPECT_THAT(text, HasSubstr("next: Check cooling"));
  EXPECT_THAT(text, HasSubstr("repeat: geomsu run contract.yaml --only t001 --unit node1/SN-B"));
  EXPECT_THAT(text, HasSubstr("Verdict: FAIL (DEMO)"));
}

TEST(TerminalTable, HasNoEscapeSequencesWithoutColour) {
  EXPECT_EQ(report_text(test::sample_report(), 100, false).find('\x1b'), std::string::npos);
  EXPECT_THAT(report_text(test::sample_report(), 100, true), HasSubstr("\x1b[1;31mFAIL"));
}

TEST(TerminalTable, LeavesNoColourOnAtTheEndOfALine) {
  std::istringstream lines(report_text(test::sample_report(), 100, true));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t last = line.rfind('\x1b');
    if (last != std::string::npos) {
      EXPECT_EQ(line.substr(last, 4), "\x1b[0m") << line;
    }
  }
}

TEST(TerminalTable, MakesHostileTextHarmless) {
  const std::string text = report_text(test::hostile_report("\x1b[2J\x07\r\xFF"), 100, false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\xFF'), std::string::npos);
}

TEST(TerminalTable, SaysHowManyRowsItLeavesToTheReport) {
  EXPECT_THAT(report_text(test::fleet_report(1000), 100, false), HasSubstr("80 more rows are in the report."));
}

TEST(TerminalTable, CallsAnEmptyScopeNoPass) {
  Report report = test::passing_report();
  report.verdict.clauses.clear();
  EXPECT_THAT(report_text(report, 100, false), HasSubstr("An empty scope is never a pass"));
}

}  // namespace
}  // namespace geomsu
