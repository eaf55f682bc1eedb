// What a plug-in found at its start: a device that is delivered so still gets its verdict, and everybody reads of it.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/exporters/exporters.hpp"
#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kWords = "ECC is off; next: nvidia-smi -e 1, then start the node again";
const std::string kTold = "node-a/A-2 (fake 1): " + kWords;

FakeRun with_ecc_off() { return with_faults("", "attributes: {finding.ecc_off: \"" + kWords + "\"}"); }

std::vector<std::string> told(const std::vector<Finding>& findings, std::string_view code) {
  std::vector<std::string> texts;
  for (const Finding& finding : findings) {
    if (finding.code == code) texts.push_back(finding.text);
  }
  return texts;
}

TEST(AFindingAtTheStart, IsInTheVerdictWithItsUnitAndDecidesNothing) {
  FakeRun fake = with_ecc_off();
  const RunResult run = fake.run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  expect_pass(run, "triad", kFaulty);
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kPass);
  EXPECT_THAT(told(run.verdict.findings, "ecc_off"), testing::ElementsAre(kTold));
  EXPECT_TRUE(told(with_faults("").run().verdict.findings, "ecc_off").empty());
  ASSERT_TRUE(run.evidence.verdict_json);
  EXPECT_THAT(*run.evidence.verdict_json, HasSubstr(kTold));
  EXPECT_TRUE(verify(fake.path()).ok) << "the judge finds it again in the sealed evidence";
}

TEST(AFindingAtTheStart, StaysInTheEvidenceAsThePluginTold) {
  const RunResult run = with_ecc_off().run();
  ASSERT_EQ(run.evidence.environment.devices.size(), 2U);
  EXPECT_EQ(run.evidence.environment.devices[1].attributes.at("finding.ecc_off"), kWords);
}

TEST(AFindingAtTheStart, IsInEveryReport) {
  const RunResult run = with_ecc_off().run();
  const Report report = make_report(run.evidence, run.verdict);
  EXPECT_THAT(report_json(report), HasSubstr(kTold));
  for (const Language language : {Language::kKorean, Language::kEnglish})
    EXPECT_THAT(report_text(report, 400, false, language), HasSubstr(kTold));
  // One page holds both languages; the findings stand once, outside of what is hidden with a language.
  const std::string page = report_html(report);
  const std::size_t at = page.find(kTold);
  ASSERT_NE(at, std::string::npos);
  const std::string before = page.substr(at - 80, 80);
  EXPECT_THAT(before, HasSubstr("<bdi>"));
  EXPECT_THAT(before, Not(HasSubstr("lang=")));
}

TEST(AFindingAtTheStart, ComesThroughAnAdapterOfLinesToo) {
  FakeRun fake = with_ecc_off();
  fake.through = {fake_adapter().string(), "garbage", "no-such-method"};
  const RunResult run = fake.run();
  EXPECT_THAT(told(run.verdict.findings, "ecc_off"), testing::ElementsAre(kTold));
}

TEST(AFindingAtTheStart, OfADeviceThatWasNotDeliveredIsToldAsWell) {
  FakeRun fake = with_ecc_off();
  fake.contract = contract_text({gemm_clause()}, {kHealthy});
  EXPECT_THAT(told(fake.run().verdict.findings, "ecc_off"), testing::ElementsAre(kTold));
}

TEST(AFindingAtTheStart, CannotForgeACodeOrSteerATerminal) {
  FakeRun fake = with_faults("",
                             "attributes: {\"finding.ECC OFF\": words, finding.: nameless, finding.bare: \"\", "
                             "finding.esc: \"a\\e[31mb\"}");
  const std::vector<Finding> findings = fake.run().verdict.findings;
  EXPECT_THAT(told(findings, "device_finding"),
              testing::ElementsAre("node-a/A-2 (fake 1): : nameless", "node-a/A-2 (fake 1): ECC OFF: words"));
  EXPECT_THAT(told(findings, "bare"), testing::ElementsAre("node-a/A-2 (fake 1): the plug-in says no more of it"));
  ASSERT_EQ(told(findings, "esc").size(), 1U);
  EXPECT_EQ(told(findings, "esc").front().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace geomsu::test
