#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/judge.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(GEOMSU_SOURCE_DIR) / "tests/golden/bundle-1.0";

TEST(GoldenBundle, OfSchemaOneVerifies) {
  const Verification result = verify(kGolden);
  EXPECT_TRUE(result.ok) << testing::PrintToString(result.lines);
  EXPECT_EQ(result.exit_code, 0);
}

TEST(GoldenBundle, GivesTheBytesOfItsVerdictAgain) {
  const Verdict verdict = judge(read_bundle(kGolden));
  EXPECT_EQ(verdict_json(verdict), sample::slurp(kGolden / "verdict.json"));
  EXPECT_EQ(verdict_jsonl(verdict), sample::slurp(kGolden / "verdict.jsonl"));
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
