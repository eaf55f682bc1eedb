// What the reports say of lots, fleets, bundles and looks; above all, of nodes that nobody measured.
#include <algorithm>
#include <limits>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/text.hpp"
#include "reports/exporters/chart.hpp"
#include "reports/exporters/exporters.hpp"
#include "reports/exporters/figures.hpp"
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

std::string section(const std::string& page, const std::string& id) {
  const std::size_t at = page.find("<section id=\"" + id + "\"");
  return at == std::string::npos ? "" : page.substr(at, page.find("</section>", at) - at);
}

// The row of a table whose header is `name`.
std::string row_of(const std::string& html, const std::string& name) {
  const std::size_t at = html.find("<th scope=\"row\"><bdi>" + name + "</bdi></th>");
  return at == std::string::npos ? "" : html.substr(at, html.find("</tr>", at) - at);
}

Report with_decision(LotVerdict::Decision decision) {
  Report report = test::lot_report();
  report.verdict.lot->decision = decision;
  for (Disposition& item : report.verdict.lot->dispositions) {
    item.accepted = decision == LotVerdict::Decision::kAccepted;
  }
  return report;
}

TEST(ALot, GivesANodeThatWasNotDrawnADispositionAndNeverAnOutcome) {
  for (const auto decision : {LotVerdict::Decision::kAccepted, LotVerdict::Decision::kRejected}) {
    const Report report = with_decision(decision);
    const std::string row = row_of(section(report_html(report), "sampling"), "node021");
    EXPECT_THAT(row, HasSubstr(decision == LotVerdict::Decision::kAccepted ? "ACCEPTED_BY_LOT" : "REJECTED_BY_LOT"));
    EXPECT_THAT(row, HasSubstr("not drawn"));
    for (const char* word : {"badge", ">PASS<", ">합격<"}) EXPECT_THAT(row, Not(HasSubstr(word)));
    EXPECT_THAT(report_junit(report), Not(HasSubstr("node021")));
    EXPECT_THAT(report_text(report, 100, false), Not(HasSubstr("node021")));
  }
}

TEST(ALot, ShowsARedScreeningClauseBesideTheDispositionOfANodeThatWasNotDrawn) {
  const std::string row =
      row_of(section(report_html(with_decision(LotVerdict::Decision::kAccepted)), "sampling"), "node020");
  EXPECT_THAT(row, HasSubstr("ACCEPTED_BY_LOT"));
  EXPECT_THAT(row, HasSubstr(">INCONCLUSIVE<"));
}

TEST(ALot, ThatIsAcceptedIsNotGreen) {
  const Report report = with_decision(LotVerdict::Decision::kAccepted);
  const std::string banner = section(report_html(report), "sampling");
  EXPECT_THAT(banner, HasSubstr("class=\"banner lot accepted\""));
  EXPECT_THAT(banner, HasSubstr("LOT ACCEPTED"));
  EXPECT_THAT(banner, Not(HasSubstr("badge pass")));
  EXPECT_THAT(report_text(report, 100, true), HasSubstr("\x1b[1mLOT ACCEPTED"));
}

TEST(ALot, HasTheSameNumbersInBothLanguages) {
  const auto numbers = [](const std::string& text) {
    static const std::regex number("[0-9]+([.,][0-9]+)*");
    std::vector<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), number), end; it != end; ++it) found.push_back(it->str());
    std::sort(found.begin(), found.end());
    return found;
  };
  const std::string page = report_html(test::lot_report());
  const std::string told = page.substr(0, page.find("<section id=\"method\""));
  static const std::regex pair("<span lang=\"ko\">([^<]*)</span><span lang=\"en\">([^<]*)</span>");
  std::size_t with_numbers = 0;
  for (std::sregex_iterator it(told.begin(), told.end(), pair), end; it != end; ++it) {
    EXPECT_EQ(numbers((*it)[1]), numbers((*it)[2])) << it->str();
    if (!numbers((*it)[1]).empty()) ++with_numbers;
  }
  EXPECT_GT(with_numbers, 20u);
  EXPECT_EQ(numbers(report_text(test::lot_report(), 100, false, Language::kKorean)),
            numbers(report_text(test::lot_report(), 100, false, Language::kEnglish)));
}

TEST(ALot, PrintsWhatIsAbsentAsADashAndNeverAsZero) {
  Report report = test::lot_report();
  report.verdict.lot->acceptance_number.reset();
  const std::string page = report_html(report);
  EXPECT_THAT(page, HasSubstr("<span lang=\"en\">Acceptance number (Ac)</span></dt><dd>–</dd>"));
  const std::string outlier = row_of(section(page, "fleet"), "node008/SN-008-0");
  EXPECT_THAT(outlier, HasSubstr("<div>–</div></td><td class=\"number\">"));  // no robust z where MAD is 0
  EXPECT_THAT(outlier, HasSubstr("0.2000"));
  EXPECT_THAT(report_json(report), HasSubstr("\"acceptance_number\": null"));
  EXPECT_THAT(report_text(report, 100, false), Not(HasSubstr("Ac ")));
  EXPECT_THAT(report_junit(report), Not(HasSubstr("lot.acceptance_number")));
}

TEST(ALot, IsNotSpokenOfWhereThereIsNone) {
  const std::string page = report_html(test::sample_report());
  for (const char* id : {"sampling", "fleet", "bundles"}) {
    EXPECT_EQ(section(page, id), "");
    EXPECT_THAT(page, Not(HasSubstr("href=\"#" + std::string(id))));
    EXPECT_NE(section(report_html(test::lot_report()), id), "") << id;
  }
  const std::string json = report_json(test::passing_report());
  for (const char* key : {"lot", "fleet", "bundles", "rows_left_out", "look", "p_fail", "severity", "inspection",
                          "outliers", "sku", "of", "looks"}) {
    EXPECT_THAT(json, Not(HasSubstr('"' + std::string(key) + "\":"))) << key;
  }
}

TEST(ALot, NamesItsRefusedBundlesFirstAndCountsTheRest) {
  const std::string table = section(report_html(test::lot_report()), "bundles");
  EXPECT_LT(table.find("bundles/node031"), table.find("bundles/node003"));
  EXPECT_LT(table.find("bundles/node003"), table.find("bundles/node000"));
  EXPECT_THAT(table, HasSubstr("Of 32 bundles 1 are refused"));
  EXPECT_THAT(table, HasSubstr("12 more bundles are not shown: "));
  EXPECT_EQ(count(table, "<tr"), 21u);
}

TEST(ALot, OfFiftyTwoThousandSerialsMakesASmallPage) {
  Report report = test::lot_report(13'000);
  const std::string page = report_html(report);
  EXPECT_LT(page.size(), 1u << 20);
  EXPECT_THAT(page, HasSubstr("20 of 52,000 serials are shown"));
  report.verdict.reconciliation.accepted.clear();
  report.verdict.reconciliation.missing = report.verdict.reconciliation.contracted;
  const std::string none = report_html(report);
  EXPECT_LT(none.size(), 1u << 20);
  EXPECT_THAT(none, HasSubstr("100 of 52,000 serials are shown"));
  EXPECT_THAT(none, HasSubstr("… 52,000 in all; verdict.json has every one."));
}

TEST(ALot, ListsOnlyUnitsWithARowThatDidNotPass) {
  const std::string units = section(report_html(test::lot_report()), "units");
  EXPECT_THAT(units, HasSubstr("Only units with a row that is not PASS are listed"));
  EXPECT_THAT(units, HasSubstr("node003/SN-003-1"));
  EXPECT_THAT(units, Not(HasSubstr("node000")));
  EXPECT_THAT(units, Not(HasSubstr("badge pass")));
}

TEST(ALot, TellsItsRisksAndDrawsItsCurveWithATextAlternative) {
  const std::string told = section(report_html(test::lot_report()), "sampling");
  EXPECT_THAT(told,
              HasSubstr("A lot of at most 0 nonconforming nodes (0 %) is rejected with a probability of at most 0."));
  EXPECT_THAT(told, HasSubstr("With 1 it is 0.6250."));
  EXPECT_THAT(told,
              HasSubstr("A lot of 3 nonconforming nodes (9.38 %) or more is accepted with a probability of at most "
                        "0.0444."));
  EXPECT_THAT(told, HasSubstr("Curve of the probability of acceptance: at 0 nonconforming nodes 1, "));
  EXPECT_THAT(told, HasSubstr("geomsu draw contract.yaml --check draw.json"));
}

TEST(EveryPicture, HasANameAndItsWordsInBothLanguages) {
  const std::string page = report_html(test::lot_report());
  EXPECT_EQ(count(page, "<svg "), 3u);
  EXPECT_EQ(count(page, "<svg "), count(page, "role=\"img\" aria-label=\""));
  EXPECT_EQ(count(page, "lang=\"ko\">로트 안의 부적합 노드</text>"), 1u);
  EXPECT_EQ(count(page, "lang=\"en\">Nonconforming nodes in the lot</text>"), 1u);
  for (const char* word : {"<script", "http://", "https://", "url("}) EXPECT_THAT(page, Not(HasSubstr(word)));
}

TEST(EveryPicture, IsLeftOutWhereItWouldShowNothing) {
  LotVerdict lot;
  EXPECT_EQ(html::characteristic_chart(lot, {}), "");
  lot.characteristic = {{0, 1}};
  EXPECT_EQ(html::characteristic_chart(lot, {}), "");
  FleetFigure figure;
  figure.most = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(html::fleet_chart(figure, nullptr), "");
  figure.most = 0;  // all equal
  EXPECT_THAT(html::fleet_chart(figure, nullptr), HasSubstr("<svg"));
}

TEST(Looks, AreToldWithTheLevelOfEach) {
  const std::string page = report_html(test::lot_report());
  EXPECT_THAT(page, HasSubstr("error split over 2 looks, 97.5 % each"));
  EXPECT_THAT(page, HasSubstr("2차 판정 (연장 블록까지 합쳐서)"));
  EXPECT_THAT(page, HasSubstr("p = 0.31: "));
  EXPECT_THAT(section(report_html(test::sample_report()), "clauses"), Not(HasSubstr("looks")));
  EXPECT_EQ(level_text(0.95), "95 %");
  EXPECT_EQ(level_text(1 - 0.05 / 4), "98.75 %");
  EXPECT_EQ(level_text(0.999), "99.9 %");
}

TEST(Between, ShowsBothBoundsEachAgainstItsOwnEnd) {
  const std::string page = section(report_html(test::lot_report()), "clauses");
  EXPECT_THAT(page, HasSubstr("between 600 W and 700 W"));
  EXPECT_THAT(page, HasSubstr("588.0 – 714.0 W after tolerance"));
  EXPECT_THAT(page, HasSubstr("+21.85 %"));
  EXPECT_THAT(page, HasSubstr("+1.44 %"));
  EXPECT_THAT(report_text(test::lot_report(), 100, false), HasSubstr("716.5..724.2  588.0..714.0"));
}

TEST(Rows, ThatSayTheSameOfOneNodeAreToldOnce) {
  const std::vector<const ClauseRow*> none;
  EXPECT_TRUE(grouped_rows(none).empty());
  const Report report = test::lot_report();
  const std::vector<const ClauseRow*> rows = rows_not_green(report.verdict);
  const std::vector<RowGroup> groups = grouped_rows(rows);
  const auto dead = std::find_if(groups.begin(), groups.end(), [](const RowGroup& group) { return group.size() > 1; });
  ASSERT_NE(dead, groups.end());
  EXPECT_EQ(dead->size(), 8u);
  EXPECT_EQ(names_of(*dead).clauses.size(), 2u);
  EXPECT_EQ(names_of(*dead).units.size(), 4u);
  EXPECT_EQ(groups.size(), rows.size() - 7);
  Report slow = test::fleet_report(20);  // equal words, and figures of their own
  EXPECT_EQ(grouped_rows(rows_not_green(slow.verdict)).size(), 2u);
}

TEST(Probabilities, AreNeitherRoundedToNeverNorToAlways) {
  EXPECT_EQ(probability(0), "0");
  EXPECT_EQ(probability(1), "1");
  EXPECT_EQ(probability(0.5), "0.5000");
  EXPECT_EQ(probability(1e-9), "< 0.0001");
  EXPECT_EQ(probability(1 - 1e-9), "> 0.9999");
  EXPECT_EQ(probability(std::numeric_limits<double>::quiet_NaN()), "–");
}

TEST(Risks, StandAtTheLastLikelyAndTheFirstUnlikelyCount) {
  EXPECT_FALSE(lot_risks({}).producer);
  EXPECT_FALSE(lot_risks({}).consumer);
  const LotRisks risks = lot_risks({{0, 1}, {1, 0.96}, {2, 0.94}, {3, 0.06}, {4, 0.05}, {5, 0}});
  EXPECT_EQ(risks.producer->nonconforming, 1u);
  EXPECT_EQ(risks.consumer->nonconforming, 4u);
  EXPECT_FALSE(lot_risks({{0, 0.9}, {1, 0.1}}).producer);
  EXPECT_FALSE(lot_risks({{0, 0.9}, {1, 0.1}}).consumer);
}

TEST(TheTerminalTable, SaysTheLotsDecisionWithinItsWidth) {
  for (const Language language : {Language::kKorean, Language::kEnglish}) {
    for (const int columns : {60, 80, 100}) {
      std::istringstream lines(report_text(test::lot_report(), columns, false, language));
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), static_cast<std::size_t>(columns)) << line;
      }
    }
  }
  const std::string text = report_text(test::lot_report(), 100, false);
  for (const char* words : {"Lot (1차): LOT REJECTED", "20 of 32 nodes drawn, 5 nonconforming; Ac 0",
                            "to be replaced: node003, node005", "12 nodes not drawn: REJECTED_BY_LOT",
                            "32 bundles, 1 refused", "Worst units: node003/SN-003-1 (1 FAIL)", "Outside the fleet: "}) {
    EXPECT_THAT(text, HasSubstr(words));
  }
}

TEST(TheJunitFile, SumsUpTheRowsThatALotLeavesOutAndCarriesItsDecision) {
  const std::string xml = report_junit(test::lot_report());
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"gemm-fp32\" name=\"121 more units passed\"/>"));
  EXPECT_THAT(xml, HasSubstr("<property name=\"lot.decision\" value=\"REJECTED\"/>"));
  EXPECT_THAT(xml, HasSubstr("<property name=\"lot.REJECTED_BY_LOT\" value=\"12\"/>"));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"lot\" name=\"decision\">\n      <failure"));
  EXPECT_THAT(report_junit(with_decision(LotVerdict::Decision::kAccepted)),
              HasSubstr("<testcase classname=\"lot\" name=\"decision\"/>"));
  EXPECT_THAT(report_junit(with_decision(LotVerdict::Decision::kUndecided)),
              HasSubstr("<testcase classname=\"lot\" name=\"decision\">\n      <error type=\"INCONCLUSIVE\""));
  EXPECT_THAT(report_junit(test::fleet_report(20)), Not(HasSubstr("more units")));
}

}  // namespace
}  // namespace geomsu
