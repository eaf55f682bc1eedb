#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/exporters/exporters.hpp"
#include "tests/unit/exporters/sample_report.hpp"

namespace geomsu {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Report with_outcome(Outcome outcome) {
  Report report = test::passing_report();
  report.verdict.rows[0].outcome = report.verdict.clauses[0].outcome = report.verdict.overall = outcome;
  return report;
}

TEST(Junit, ShowsPassAsAPassingTestcase) {
  const std::string xml = report_junit(test::passing_report());
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"0\""));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"gemm-fp32\" name=\"node1/SN-A\"/>"));
}

TEST(Junit, ShowsFailAsAFailure) {
  EXPECT_THAT(report_junit(with_outcome(Outcome::kFail)), HasSubstr("failures=\"2\" errors=\"0\" skipped=\"0\""));
}

TEST(Junit, NeverShowsAnOpenOutcomeAsPassedOrSkipped) {
  for (const Outcome outcome : {Outcome::kInconclusive, Outcome::kInvalid, Outcome::kNotRun}) {
    const std::string xml = report_junit(with_outcome(outcome));
    EXPECT_THAT(xml, HasSubstr("failures=\"0\" errors=\"2\" skipped=\"0\"")) << to_string(outcome);
    EXPECT_THAT(xml, HasSubstr("<error type=\"" + std::string(to_string(outcome)) + "\""));
    EXPECT_THAT(xml, Not(HasSubstr("<skipped")));
  }
}

TEST(Junit, SkipsOnlyWhatTheContractAllowedToBeMissing) {
  Report report = with_outcome(Outcome::kNotApplicable);
  report.verdict.overall = Outcome::kPass;
  EXPECT_THAT(report_junit(report), HasSubstr("failures=\"0\" errors=\"0\" skipped=\"1\""));
}

TEST(Junit, CallsAnOverallNotApplicableAnError) {
  const std::string xml = report_junit(with_outcome(Outcome::kNotApplicable));
  EXPECT_THAT(xml, HasSubstr("errors=\"1\" skipped=\"1\""));
}

TEST(Junit, IsNotGreenForASimulatedBundleOfPassingClauses) {
  Report report = test::passing_report();
  report.verdict.simulated = "fake";
  report.verdict.overall = Outcome::kInvalid;
  const std::string xml = report_junit(report);
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"gemm-fp32\" name=\"node1/SN-A\"/>"));
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"verdict\" name=\"overall\">\n      <error type=\"INVALID\""));
}

TEST(Junit, CallsAClauseWithoutUnitsAnError) {
  Report report = test::passing_report();
  report.verdict.rows.clear();
  const std::string xml = report_junit(report);
  EXPECT_THAT(xml, HasSubstr("<testcase classname=\"gemm-fp32\" name=\"no unit\">\n      <error type=\"NOT_RUN\""));
}

TEST(Junit, EscapesTextAndForbiddenCharacters) {
  const std::string xml = report_junit(test::hostile_report("]]><x a=\"'&\x01\xFF"));
  EXPECT_THAT(xml, Not(HasSubstr("<x ")));
  EXPECT_THAT(xml, Not(HasSubstr("]]>")));
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
  EXPECT_EQ(xml.find('\xFF'), std::string::npos);
}

TEST(Junit, CarriesWordsFiguresAndTheCommand) {
  const std::string xml = report_junit(test::sample_report());
  EXPECT_THAT(xml, HasSubstr("122.2 [120.5, 124.0] GFLOP/s (n = 5), bar 140 GFLOP/s"));
  EXPECT_THAT(xml, HasSubstr("repeat: geomsu run contract.yaml --only t001 --unit node1/SN-B"));
}

}  // namespace
}  // namespace geomsu
