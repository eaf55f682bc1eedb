// What the reports say of sustained clauses, other statistics, throttled blocks and adaptive stopping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/exporters/exporters.hpp"
#include "tests/unit/exporters/sample_report.hpp"

namespace geomsu {
namespace {

using testing::HasSubstr;
using testing::Not;

Report soaked() {
  Report report = test::passing_report();
  ClauseSummary& clause = report.verdict.clauses.at(0);
  clause.statistic = "p05";
  clause.sustained = Sustained{3, 300'000'000'000};
  clause.dependence = Dependence{3, 290'000'000'000, 0.12, 1.5, 0.47, -0.021, 0.003, 2, false};
  Trial& trial = report.trials.at(0);
  trial.sustained = clause.sustained;
  trial.block_at_ns.clear();
  trial.block_session.clear();
  trial.block_throttle.clear();
  for (std::size_t i = 0; i < trial.block_ns.size(); ++i) {
    trial.block_at_ns.push_back(static_cast<std::int64_t>(i) * 60'000'000'000);
    trial.block_session.push_back(i < 2 ? 1 : 2);
    trial.block_throttle.push_back(i == 3 ? 1 : 0);
  }
  return report;
}

TEST(ASoakedReport, SaysStatisticSessionsSpanAndChecksOnThePageInBothLanguages) {
  const std::string page = report_html(soaked());
  for (const char* words :
       {"5th percentile (p05)", "하위 5 % 백분위수 (p05)", "sustained: 3 sessions over 5 min 00 s",
        "새 작업 프로세스 3회, 5 min 00 s에 걸쳐", "lag-1 autocorrelation 0.12", "1차 자기상관 0.12",
        "Kruskal-Wallis H = 1.50, p = 0.47", "drift -2.10 % (over 4 min 50 s, p = 0.003)", "2 throttled blocks",
        "Blocks over time", "시간에 따른 블록", "<strong>1 / "}) {
    EXPECT_THAT(page, HasSubstr(words));
  }
  EXPECT_THAT(report_html(test::passing_report()), Not(HasSubstr("Blocks over time")));
}

TEST(ASoakedReport, SaysThemInTheTerminal) {
  const std::string text = report_text(soaked(), 300, false, Language::kEnglish);
  EXPECT_THAT(text, HasSubstr("gemm-fp32: 5th percentile (p05); sustained: 3 sessions over 5 min 00 s; lag-1 "
                              "autocorrelation 0.12"));
  EXPECT_THAT(report_text(soaked(), 300, false, Language::kKorean), HasSubstr("지속 부하: 새 작업 프로세스 3회"));
  EXPECT_THAT(report_text(test::passing_report(), 300, false, Language::kEnglish), Not(HasSubstr("sustained")));
}

TEST(ASoakedReport, HasTheRawTimesInItsJson) {
  const std::string json = report_json(soaked());
  for (const char* words : {"\"block_at_ns\"", "\"block_throttle\"", "\"kruskal_p\": 0.47", "\"sessions\": 3"})
    EXPECT_THAT(json, HasSubstr(words));
}

TEST(AReportOfAdaptiveStopping, IsLabelledOnThePageInTheTerminalAndInJson) {
  Report report = test::passing_report();
  report.verdict.adaptive = true;
  const std::string page = report_html(report);
  EXPECT_THAT(page, HasSubstr("class=\"watermark\" aria-hidden=\"true\"><span>ADAPTIVE STOPPING"));
  EXPECT_THAT(page, HasSubstr("Adaptive stopping: not an acceptance."));
  EXPECT_THAT(page, HasSubstr("검수가 아닙니다"));
  EXPECT_THAT(report_text(report, 100, false, Language::kEnglish), HasSubstr("PASS (ADAPTIVE STOPPING)"));
  EXPECT_THAT(report_json(report), HasSubstr("\"adaptive\": true"));
  EXPECT_THAT(report_json(test::passing_report()), Not(HasSubstr("adaptive")));
}

}  // namespace
}  // namespace geomsu
