// The traps of tests/run/README.md as far as a judge over trials made by hand can fall into them.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;
using sample::kFirst;
using sample::kSecond;
using testing::ElementsAre;
using testing::IsEmpty;

void all_blocks(Trial& trial, double rate) {
  const double ns = static_cast<double>(trial.work_per_repeat) * static_cast<double>(trial.repeats) * 1e9 / rate;
  trial.block_ns.assign(trial.block_ns.size(), static_cast<std::int64_t>(std::ceil(ns)));
  trial.device_ns = trial.block_ns;
  trial.wall_ns = trial.block_ns;
}

TEST(T01, NoSlackHidesBelowTheBar) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  trial.repeats = 1'000'000;
  all_blocks(trial, 99.9999e9);  // one part in a million under 100 GFLOP/s
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kFail);
  run.clause("gemm").tolerance = 0.001;  // what a contract may name, and then prints
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kPass);
}

TEST(T04, TheMedianOfAllBlocksIsJudgedNotTheBest) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  all_blocks(trial, 90e9);
  for (std::size_t i = 0; i < 4; ++i) trial.block_ns[i] = trial.block_ns[i] / 2;  // the best of ten runs at 180 GFLOP/s
  trial.device_ns = trial.block_ns;
  trial.wall_ns = trial.block_ns;
  const ClauseRow row = sample::row(run.judge(), "gemm", "node01/S-001");
  EXPECT_NE(row.outcome, Outcome::kPass);
  EXPECT_NEAR(*row.estimate, 90e9, 1e3);
}

TEST(T05, HalfOfTheBlocksMayNotBeMissing) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  for (std::vector<std::int64_t>* times : {&trial.block_ns, &trial.device_ns, &trial.wall_ns}) times->resize(6);
  const ClauseRow row = sample::row(run.judge(), "gemm", "node01/S-001");
  EXPECT_EQ(row.outcome, Outcome::kInvalid);
  EXPECT_EQ(row.n, 6u);
  for (std::vector<std::int64_t>* times : {&trial.block_ns, &trial.device_ns, &trial.wall_ns}) times->resize(11, 1);
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kInvalid) << "nor may some be added";
}

TEST(T07, EachWorkloadIsJudgedByItselfNotTheBestOfSeveral) {
  Case run;
  Clause small = run.clause("triad");
  small.id = "triad-small";
  small.workload.params["bytes"] = "524288";
  run.contract.clauses.push_back(small);
  PlannedTrial planned = run.plan.trials[1];
  planned.id = "t003";
  planned.workload = small.workload;
  planned.clauses = {"triad-small"};
  run.plan.trials.push_back(planned);
  for (const Unit& unit : {kFirst, kSecond}) run.trials.push_back(sample::trial(run.plan, "t003", unit, 10e9));
  const Verdict verdict = run.judge();
  EXPECT_EQ(sample::clause(verdict, "triad").outcome, Outcome::kPass);
  EXPECT_EQ(sample::clause(verdict, "triad-small").outcome, Outcome::kFail);
  EXPECT_EQ(verdict.overall, Outcome::kFail);
}

TEST(T08, ASlowDeviceIsNotHiddenByTheMeanOverItsNode) {
  Case run;
  run.trial("t001", kFirst) = sample::trial(run.plan, "t001", kFirst, 500e9);
  run.trial("t001", kSecond) = sample::trial(run.plan, "t001", kSecond, 95e9);
  const Verdict verdict = run.judge();
  for (const char* id : {"gemm", "node-gemm"}) {
    EXPECT_EQ(sample::clause(verdict, id).outcome, Outcome::kFail) << id;
    EXPECT_NEAR(*sample::clause(verdict, id).estimate, 95e9, 1e9) << id;
  }
  EXPECT_EQ(sample::clause(verdict, "gemm").weakest, kSecond);
  EXPECT_THAT(verdict.reconciliation.accepted, ElementsAre("S-001"));
}

TEST(T09, WithoutAClauseNothingIsGreen) {
  Case run;
  run.contract.clauses.clear();
  const Verdict verdict = run.judge();
  EXPECT_EQ(verdict.overall, Outcome::kNotRun);
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_THAT(verdict.reconciliation.accepted, IsEmpty());
}

TEST(T10, AnEmptyScopeIsNotPassed) {
  Case run;
  run.contract.delivery.units.clear();
  Verdict verdict = run.judge();
  for (const ClauseSummary& clause : verdict.clauses) EXPECT_EQ(clause.outcome, Outcome::kNotRun) << clause.clause;
  EXPECT_EQ(verdict.exit_code, 2);
  run.contract.delivery.discover = true;
  run.plan.units.clear();
  verdict = run.judge();
  EXPECT_EQ(verdict.overall, Outcome::kNotRun);
  EXPECT_EQ(verdict.exit_code, 2);
}

TEST(T10, NothingButNotApplicableIsNotPassed) {
  Case run;
  std::erase_if(run.contract.clauses, [](const Clause& clause) { return clause.id != "triad"; });
  for (Trial& trial : run.trials) trial.status = TrialStatus::kUnsupported;
  const Verdict verdict = run.judge();
  EXPECT_EQ(verdict.overall, Outcome::kNotApplicable);
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_THAT(verdict.reconciliation.accepted, IsEmpty());
}

TEST(T11, AUnitThatWasDroppedIsMissed) {
  Case run;
  std::erase_if(run.trials, [](const Trial& trial) { return trial.unit == kSecond; });
  const Verdict verdict = run.judge();
  EXPECT_EQ(sample::row(verdict, "gemm", "node01/S-002").outcome, Outcome::kNotRun);
  EXPECT_EQ(sample::row(verdict, "node-gemm", "node01").outcome, Outcome::kNotRun);
  EXPECT_EQ(verdict.overall, Outcome::kNotRun);
  EXPECT_THAT(verdict.reconciliation.tested, ElementsAre("S-001"));
}

TEST(T12, TheExitStatusIsZeroOnlyWhereAllPassed) {
  Case run;
  EXPECT_EQ(run.judge().exit_code, 0);
  run.trial("t002", kFirst).status = TrialStatus::kError;
  EXPECT_EQ(run.judge().exit_code, 2);
  run.trial("t001", kFirst) = sample::trial(run.plan, "t001", kFirst, 50e9);
  EXPECT_EQ(run.judge().exit_code, 1);
}

TEST(T13, AnErrorBesideGoodNumbersIsNotPassed) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  trial.checks.push_back(
      {"replay", false, 1, std::nullopt, "digests differ"});  // status ok, fast blocks, and a wrong answer
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").reason, Reason::kWrongAnswer);
  trial.checks.pop_back();
  trial.status = TrialStatus::kDeviceLost;
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kInvalid);
}

TEST(T14, ThrottledBlocksAreJudgedAndThrottlingIsAFinding) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  all_blocks(trial, 120e9);
  for (std::size_t i = 4; i < 10; ++i) trial.block_ns[i] *= 2;  // six of ten at half the speed
  trial.device_ns = trial.block_ns;
  trial.wall_ns = trial.block_ns;
  trial.findings = {{"throttled", "throttle bits 0x8"}};
  const Verdict verdict = run.judge();
  EXPECT_NE(sample::row(verdict, "gemm", "node01/S-001").outcome, Outcome::kPass);
  EXPECT_EQ(sample::row(verdict, "gemm", "node01/S-001").n, 10u) << "none was discarded";
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].code, "throttled");
}

TEST(T16, TwoReadingsOfTheSameDataGiveTheSameBytes) {
  const Case run;
  const Verdict once = run.judge(), again = run.judge();
  EXPECT_EQ(verdict_json(once), verdict_json(again));
  EXPECT_EQ(verdict_jsonl(once), verdict_jsonl(again));
}

TEST(T18, ResultsThatNobodyCheckedAreNotPassed) {
  Case run;
  run.trial("t001", kFirst).checks.clear();
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kInvalid);
  run.trial("t001", kFirst).checks = {{"elements", true, 0, std::nullopt, "none were drawn"}};
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kInvalid);
}

TEST(T19, GigaIsTenToTheNinth) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  trial.repeats = 50;                        // of 2^31 FLOP
  trial.block_ns.assign(10, 1'000'000'000);  // in a second: 107.37 GFLOP/s, or 100 * 2^30
  trial.device_ns = trial.wall_ns = trial.block_ns;
  EXPECT_EQ(*sample::row(run.judge(), "gemm", "node01/S-001").estimate, 107'374'182'400.0);
  run.clause("gemm").at_least->value = 107.3e9;
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kPass);
  run.clause("gemm").at_least->value = 107.4e9;
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kFail);
}

TEST(T22, ADeviceClockThatIsOffByATenthIsNotJudgedBy) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  for (std::size_t i = 0; i < trial.block_ns.size(); ++i) {
    trial.device_ns[i] = trial.block_ns[i] = trial.wall_ns[i] * 9 / 10;  // proved by its own word
  }
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").reason, Reason::kClock);
}

}  // namespace
}  // namespace geomsu
