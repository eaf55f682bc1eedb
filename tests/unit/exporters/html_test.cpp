#include <cmath>
#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/exporters/exporters.hpp"
#include "reports/exporters/html_style.hpp"
#include "tests/unit/exporters/sample_report.hpp"

namespace geomsu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

TEST(Page, SaysTheVerdictInAWordAndNotByColourAlone) {
  const std::string page = report_html(test::sample_report());
  EXPECT_THAT(page, HasSubstr("<div class=\"verdict fail\"><p class=\"word\"><span lang=\"ko\">불합격</span><span "
                              "lang=\"en\">FAIL</span>"));
  EXPECT_THAT(report_html(test::passing_report()),
              HasSubstr("<span lang=\"ko\">합격</span><span lang=\"en\">PASS</span>"));
}

TEST(Page, HasEverySectionInTheOrderOfReading) {
  const std::string page = report_html(test::sample_report());
  std::size_t last = 0;
  for (const char* id :
       {"verdict", "reconciliation", "clauses", "money", "units", "workloads", "method", "findings", "glossary"}) {
    const std::size_t at = page.find("<section id=\"" + std::string(id) + "\"");
    ASSERT_NE(at, std::string::npos) << id;
    EXPECT_GT(at, last) << id;
    last = at;
  }
}

TEST(Page, NamesAMissingUnitByItsSerial) {
  const std::string page = report_html(test::sample_report());
  const std::size_t missing = page.find("Contracted but not found");
  ASSERT_NE(missing, std::string::npos);
  EXPECT_THAT(page.substr(missing, 200), HasSubstr("SN-C"));
}

TEST(Page, GivesEachFailingRowItsReasonActionAndCommand) {
  const std::string page = report_html(test::sample_report());
  const std::size_t at = page.find("<div class=\"failing fail\">");
  ASSERT_NE(at, std::string::npos);
  const std::string row = page.substr(at, page.find("</div>", at) - at);
  EXPECT_THAT(row, HasSubstr("beyond the bar"));
  EXPECT_THAT(row, HasSubstr("the upper bound 124 GFLOP/s is below the bar 133 GFLOP/s"));
  EXPECT_THAT(row, HasSubstr("have it corrected and inspect again"));
  EXPECT_THAT(row, HasSubstr("geomsu run contract.yaml --only t001 --unit node1/SN-B"));
}

TEST(Page, PrintsTheToleranceAndTheBarAfterIt) {
  const std::string page = report_html(test::sample_report());
  EXPECT_THAT(page, HasSubstr("≥ 140 GFLOP/s"));
  EXPECT_THAT(page, HasSubstr("133.0 GFLOP/s after tolerance"));
}

TEST(Page, PrintsWonWhole) { EXPECT_THAT(report_html(test::sample_report()), HasSubstr("260,000,000원")); }

TEST(Page, MarksADemonstrationAndASimulation) {
  EXPECT_THAT(report_html(test::sample_report()),
              HasSubstr("<span lang=\"en\">FAIL</span> · <span lang=\"ko\">시연</span>"));
  EXPECT_THAT(report_html(test::sample_report()), HasSubstr("<span>DEMO · 시연</span>"));
  Report simulated = test::passing_report();
  simulated.verdict.simulated = "fake";
  simulated.verdict.overall = Outcome::kInvalid;
  simulated.verdict.exit_code = 2;
  const std::string page = report_html(simulated);
  EXPECT_THAT(page, HasSubstr("<span>SIMULATED · 모의</span>"));
  EXPECT_THAT(page, HasSubstr("<div class=\"verdict invalid\">"));
  EXPECT_THAT(page, HasSubstr("By its clauses it would be PASS"));
  EXPECT_THAT(report_html(test::passing_report()), Not(HasSubstr("class=\"watermark\"")));
}

TEST(Page, SaysThatItIsUnsignedAndSupplierRun) {
  const std::string page = report_html(test::passing_report());
  EXPECT_THAT(page, HasSubstr("The evidence is unsigned"));
  EXPECT_THAT(page, HasSubstr("The supplier ran this inspection"));
}

TEST(Page, CallsAnEmptyScopeNoPass) {
  Report report = test::passing_report();
  report.verdict.clauses.clear();
  report.verdict.rows.clear();
  report.verdict.overall = Outcome::kNotRun;
  const std::string page = report_html(report);
  EXPECT_THAT(page, HasSubstr("An empty scope is never a pass"));
  EXPECT_THAT(page, Not(HasSubstr("class=\"verdict pass\"")));
}

TEST(Page, EscapesWhateverADeviceOrAContractSays) {
  const std::string evil = "<script>alert('x')</script>\"><img src=x onerror=y>&{0}";
  const std::string page = report_html(test::hostile_report(evil));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_GT(count(page, "&lt;script&gt;"), 60u);  // shown, not dropped
  // Each tag of the page is one of ours.
  const std::regex tag("</?([a-zA-Z0-9!]+)");
  for (std::sregex_iterator it(page.begin(), page.end(), tag), end; it != end; ++it) {
    EXPECT_NE((*it)[1], "script");
    EXPECT_NE((*it)[1], "img");
  }
}

TEST(Page, MakesControlCharactersAndBidiOverridesVisible) {
  const std::string page =
      report_html(test::hostile_report("a\x1b[31mb\xE2\x80\xAE"
                                       "c\x07"));
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.find('\x07'), std::string::npos);
  EXPECT_EQ(page.find("\xE2\x80\xAE"), std::string::npos);
}

TEST(Page, StaysValidUtf8WhateverBytesADeviceSends) {
  const std::string page = report_html(test::hostile_report("\xFF\xFE ok \xC3"));
  EXPECT_EQ(page.find('\xFF'), std::string::npos);
  EXPECT_THAT(page, HasSubstr("\xEF\xBF\xBD"));
}

TEST(Page, NeedsNoNetworkAndNoScript) {
  const std::string page = report_html(test::sample_report());
  for (const char* word :
       {"<script", "<link", "<img", "<iframe", "@import", "url(", "http://", "https://", "javascript:"}) {
    EXPECT_THAT(page, Not(HasSubstr(word)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(Page, HasEveryTextInBothLanguages) {
  const std::string page = report_html(test::sample_report());
  EXPECT_EQ(count(page, "<span lang=\"ko\">"), count(page, "<span lang=\"en\">"));
  EXPECT_GT(count(page, "<span lang=\"ko\">"), 100u);
}

TEST(Page, GivesEveryTableACaptionAndScopes) {
  const std::string page = report_html(test::sample_report());
  EXPECT_EQ(count(page, "<table"), count(page, "<caption>"));
  EXPECT_GT(count(page, "<table"), 6u);
  const std::regex bare("<th(?! )");
  for (std::sregex_iterator it(page.begin(), page.end(), bare), end; it != end; ++it) {
    EXPECT_EQ(page.substr(static_cast<std::size_t>(it->position()), 6), "<thead");
  }
  EXPECT_EQ(count(page, "<th "), count(page, "<th scope="));
}

TEST(Page, OpensAndClosesEveryElement) {
  for (const std::string& page : {report_html(test::sample_report()), report_html(test::lot_report()),
                                  report_html(test::hostile_report("<b>"))}) {
    for (const char* tag :
         {"section", "table", "thead", "tbody", "tr",     "td", "div", "dl",  "dt",   "dd",     "span",
          "bdi",     "code",  "ul",    "li",    "strong", "h3", "h4",  "svg", "text", "figure", "figcaption"}) {
      const std::string name = tag;
      EXPECT_EQ(count(page, "<" + name + ">") + count(page, "<" + name + " "), count(page, "</" + name + ">")) << name;
    }
  }
}

TEST(Page, ShowsTheWorst200OfAFleetAndSaysSo) {
  const std::string page = report_html(test::fleet_report(6500));
  EXPECT_THAT(page, HasSubstr("The worst 200 of 6500 units are shown"));
  EXPECT_THAT(page, HasSubstr("The worst 200 of 650 rows that did not pass are shown"));
  EXPECT_THAT(page, HasSubstr("SN-00007"));       // failed
  EXPECT_THAT(page, Not(HasSubstr("SN-00008")));  // passed: cut
  EXPECT_LT(page.size(), 20u << 20);
}

TEST(Page, ShowsAllOfTwoHundredUnits) {
  const std::string page = report_html(test::fleet_report(200));
  EXPECT_THAT(page, Not(HasSubstr("The worst 200")));
  EXPECT_THAT(page, HasSubstr("SN-00199"));
}

TEST(Page, PrintsAnAbsentFigureAsADashAndNeverAsZero) {
  Report report = test::passing_report();
  report.verdict.clauses[0].lower.reset();
  report.verdict.clauses[0].upper.reset();
  report.verdict.clauses[0].estimate.reset();
  report.trials[0].late_ns.reset();
  const std::string page = report_html(report);
  EXPECT_THAT(page, HasSubstr("<strong>–</strong>"));
  EXPECT_THAT(page, Not(HasSubstr("0.000 ms")));
}

double channel(int value) {
  const double c = value / 255.0;
  return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const std::string& hex) {
  const auto part = [&](std::size_t at) { return channel(std::stoi(hex.substr(at, 2), nullptr, 16)); };
  return 0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4);
}

TEST(Page, HasColoursThatCanBeReadOnTheirGround) {
  const std::string style(html::kStyle);
  const std::regex variable("--(pass|fail|open|invalid|missing|none|soft|ink|link):#([0-9a-f]{6})");
  int found = 0;
  for (std::sregex_iterator it(style.begin(), style.end(), variable), end; it != end; ++it, ++found) {
    EXPECT_GE(1.05 / (luminance((*it)[2]) + 0.05), 4.5) << (*it)[1];  // against white, both ways round
  }
  EXPECT_EQ(found, 9);
}

}  // namespace
}  // namespace geomsu
