#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/judge.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(GEOMSU_SOURCE_DIR) / "tests/golden/bundle-1.0";
const std::filesystem::path kRules2 = std::filesystem::path(GEOMSU_SOURCE_DIR) / "tests/golden/bundle-1.0-rules-2";

TEST(GoldenBundle, OfSchemaOneVerifies) {
  const Verification result = verify(kGolden);
  EXPECT_TRUE(result.ok) << testing::PrintToString(result.lines);
  EXPECT_EQ(result.exit_code, 0);
}

TEST(GoldenBundle, OfOlderRulesGivesItsOutcomesAgain) {
  EXPECT_THAT(verify(kGolden).lines,
              testing::Contains("verdict: judged under rules 1, recomputed under rules 2: the outcomes are the same"));
}

TEST(GoldenBundle, OfTheseRulesGivesTheBytesOfItsVerdictAgain) {
  const Verification result = verify(kRules2);
  EXPECT_TRUE(result.ok) << testing::PrintToString(result.lines);
  const Verdict verdict = judge(read_bundle(kRules2));
  EXPECT_EQ(verdict_json(verdict), sample::slurp(kRules2 / "verdict.json"));
  EXPECT_EQ(verdict_jsonl(verdict), sample::slurp(kRules2 / "verdict.jsonl"));
}

TEST(GoldenBundle, OfTheseRulesHoldsWhatIsNewInThem) {
  const Verdict verdict = judge(read_bundle(kRules2));
  const auto row = [&](const std::string& clause, const std::string& serial) {
    return *std::find_if(verdict.rows.begin(), verdict.rows.end(),
                         [&](const ClauseRow& one) { return one.clause == clause && one.unit.device == serial; });
  };
  EXPECT_EQ(row("gemm", "S-001").outcome, Outcome::kPass);
  EXPECT_EQ(row("gemm", "S-001").look, 2U);
  EXPECT_EQ(row("gemm", "S-002").reason, Reason::kPrecondition);
  EXPECT_EQ(row("gemm", "S-003").outcome, Outcome::kInconclusive);
  EXPECT_THAT(row("gemm", "S-003").words, testing::HasSubstr("Holm"));
  EXPECT_EQ(row("triad", "S-003").outcome, Outcome::kPass);
  EXPECT_EQ(row("triad", "S-001").outcome, Outcome::kFail);
  EXPECT_THAT(row("triad", "S-001").words, testing::HasSubstr("above the bar; between"));
}

TEST(GoldenBundle, IsWrittenAsItWasRead) {
  const Evidence evidence = read_bundle(kGolden);
  EXPECT_EQ(plan_json(evidence.plan), sample::slurp(kGolden / "plan.json"));
  std::string rows;
  for (const Trial& trial : evidence.trials) rows += trial_json(trial) + "\n";
  EXPECT_EQ(rows, sample::slurp(kGolden / "trials.jsonl"));
}

TEST(GoldenBundle, HoldsOneOfEachOutcomeThatARunCanGive) {
  const Verdict verdict = judge(read_bundle(kGolden));
  std::vector<Outcome> outcomes;
  for (const ClauseRow& row : verdict.rows) outcomes.push_back(row.outcome);
  for (const Outcome outcome :
       {Outcome::kPass, Outcome::kFail, Outcome::kInvalid, Outcome::kNotRun, Outcome::kNotApplicable}) {
    EXPECT_THAT(outcomes, testing::Contains(outcome)) << to_string(outcome);
  }
  EXPECT_EQ(verdict.exit_code, 1);
}

}  // namespace
}  // namespace geomsu
