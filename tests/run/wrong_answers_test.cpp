// Devices that compute wrong, each in its way: the checks that must turn, and the clause that must fail.
#include <gtest/gtest.h>

#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

// The digest came again, and what was read from the run again was held to the reference all the same.
void expect_replayed_and_wrong(const Trial& trial) {
  for (const Check& check : trial.checks) {
    if (check.name != "replay") continue;
    EXPECT_NE(check.detail.find("the digest came again"), std::string::npos) << check.detail;
  }
  EXPECT_NE(failed_checks(trial).find("replay"), std::string::npos);
}

void expect_wrong_gemm(const RunResult& run) {
  expect_gemm_alone(run, Outcome::kFail, Reason::kWrongAnswer);
  const Trial& trial = run.trial("gemm", kFaulty);
  EXPECT_EQ(trial.status, TrialStatus::kOk);  // it was measured; what it computed is the finding
  EXPECT_EQ(trial.reason_code, "wrong answer");
  EXPECT_EQ(trial.block_ns.size(), 8U);
  EXPECT_EQ(failed_checks(run.trial("gemm", kHealthy)), "");
}

TEST(AHealthyRun, PassesEveryClauseAndIsInvalidAsAWhole) {
  FakeRun fake;
  const RunResult run = fake.run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  expect_pass(run, "triad", kFaulty);
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kPass);
  for (const Trial& trial : run.trials()) {
    EXPECT_EQ(trial.status, TrialStatus::kOk) << trial.reason;
    EXPECT_EQ(trial.reason_code, "") << trial.reason;
    EXPECT_EQ(failed_checks(trial), "");
    EXPECT_EQ(trial.clock.verdict, ClockAudit::Verdict::kProved) << trial.clock.reason;
    EXPECT_TRUE(trial.judged_by_device);
    EXPECT_TRUE(trial.findings.empty()) << trial.findings.front().code << ": " << trial.findings.front().text;
  }
  EXPECT_TRUE(verify(fake.path()).ok);
}

TEST(AFlippedBit, BelowToleranceIsCaughtByReplayAndByNothingElse) {
  const RunResult run = with_faults("{kind: bit_flip, op: gemm}").run();
  expect_wrong_gemm(run);
  EXPECT_EQ(failed_checks(run.trial("gemm", kFaulty)), "replay");
}

TEST(AMissingTile, IsCaughtByElementsAndProjection) {
  const RunResult run = with_faults("{kind: missing_tile, op: gemm}").run();
  expect_wrong_gemm(run);
  EXPECT_NE(failed_checks(run.trial("gemm", kFaulty)).find("elements"), std::string::npos);
  EXPECT_NE(failed_checks(run.trial("gemm", kFaulty)).find("projection"), std::string::npos);
}

TEST(AWrongElement, IsCaughtByTheProjectionThatSeesAllOfThem) {
  const RunResult run = with_faults("{kind: wrong_element, op: gemm}").run();
  expect_wrong_gemm(run);
  EXPECT_NE(failed_checks(run.trial("gemm", kFaulty)).find("projection"), std::string::npos);
}

// Four repeats of 25 ms fill a block, so that each is drawn; of a million, one that is skipped gains nothing.
TEST(ASkippedRepeat, IsCaughtByItsOperandsThatWereNeverMultiplied) {
  FakeRun fake = with_faults("{kind: skipped_repeat, op: gemm, repeat: 2}");
  ClauseText slow = gemm_clause();
  slow.workload = "{dtype: fp32, m: 32, n: 32, k: 64, concurrency: node}";
  fake.contract = contract_text({slow, triad_clause()}, {kHealthy, kFaulty});
  fake.suite = suite_text(8, 80);
  const RunResult run = fake.run();
  expect_wrong_gemm(run);
  EXPECT_LE(run.trial("gemm", kFaulty).repeats, 4U);
  EXPECT_NE(failed_checks(run.trial("gemm", kFaulty)).find("elements"), std::string::npos);
}

TEST(ASkippedRepeat, OfATriadIsCaughtByItsRunningState) {
  const RunResult run = with_faults("{kind: skipped_repeat, op: memory}").run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  expect_row(run, "triad", kFaulty, Outcome::kFail, Reason::kWrongAnswer);
}

TEST(AStaleOutput, OfTheBlockBeforeIsCaught) {
  const RunResult run = with_faults("{kind: stale_output, op: gemm}").run();
  expect_wrong_gemm(run);
  EXPECT_EQ(failed_checks(run.trial("gemm", kFaulty)).rfind("elements", 0), 0U);
}

TEST(AFrozenOutput, ThatNeverChangesIsCaughtThoughItsDigestComesAgain) {
  const RunResult run = with_faults("{kind: frozen_output, op: gemm}").run();
  expect_wrong_gemm(run);
  const std::string failed = failed_checks(run.trial("gemm", kFaulty));
  EXPECT_NE(failed.find("elements"), std::string::npos);
  expect_replayed_and_wrong(run.trial("gemm", kFaulty));
}

TEST(SwappedRows, AreCaughtByTheProjectionWhichIsARowEach) {
  const RunResult run = with_faults("{kind: swapped_rows, op: gemm, a: 3, b: 20}").run();
  expect_wrong_gemm(run);
  EXPECT_NE(failed_checks(run.trial("gemm", kFaulty)).find("projection"), std::string::npos);
}

TEST(Fp32ComputedInTf32, IsCaughtByItsRootMeanSquareError) {
  const RunResult run = with_faults("{kind: cheaper_dtype, op: gemm, dtype: tf32}").run();
  expect_wrong_gemm(run);
  EXPECT_NE(failed_checks(run.trial("gemm", kFaulty)).find("rms"), std::string::npos);
  expect_replayed_and_wrong(run.trial("gemm", kFaulty));
}

TEST(Tf32ComputedInBf16, IsCaughtByItsRootMeanSquareError) {
  FakeRun fake = with_faults("{kind: cheaper_dtype, op: gemm, dtype: bf16}");
  ClauseText clause = gemm_clause();
  clause.workload = "{dtype: tf32, m: 32, n: 32, k: 32, concurrency: node}";
  fake.contract = contract_text({clause, triad_clause()}, {kHealthy, kFaulty});
  const RunResult run = fake.run();
  expect_wrong_gemm(run);
  EXPECT_NE(failed_checks(run.trial("gemm", kFaulty)).find("rms"), std::string::npos);
}

TEST(Fp64ComputedInFp32, IsCaught) {
  FakeRun fake = with_faults("{kind: cheaper_dtype, op: gemm, dtype: fp32}");
  ClauseText clause = gemm_clause();
  clause.workload = "{dtype: fp64, m: 32, n: 32, k: 32, concurrency: node}";
  fake.contract = contract_text({clause, triad_clause()}, {kHealthy, kFaulty});
  expect_wrong_gemm(fake.run());
}

TEST(ABlockThatCompletesEarly, IsCaughtByTheRepeatsThatItLeftOut) {
  const RunResult run = with_faults("{kind: completes_early, op: gemm, fraction: 0.33}").run();
  expect_wrong_gemm(run);
}

}  // namespace
}  // namespace geomsu::test
