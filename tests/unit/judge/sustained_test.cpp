// Sustained clauses, statistics beyond the median and adaptive stopping, on rows made by hand.
#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/judge/block_order.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;
using sample::kFirst;
using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;
const std::string kUnit = "node01/S-001";

// The sample's gemm trial as one of `blocks` blocks over `sessions` and ten seconds a block; block i of the first unit
// has the rate that `rate` gives.
Case sustained(std::uint32_t blocks, std::uint32_t sessions, const std::function<double(std::uint32_t)>& rate) {
  Case run;
  const Sustained terms{sessions, static_cast<std::int64_t>(blocks) * 10 * kSecond};
  for (Clause& clause : run.contract.clauses) {
    if (clause.operation == "gemm") clause.sustained = terms;
  }
  run.plan.trials[0].sustained = terms;
  run.plan.trials[0].blocks = blocks;
  for (Trial& trial : run.trials) {
    if (trial.id != "t001") continue;
    trial.sustained = terms;
    trial.block_ns.clear();
    std::uint32_t block = 0;
    for (std::uint32_t session = 1; session <= sessions; ++session) {
      for (const std::int64_t at : session_starts(blocks, terms, session)) {
        const double work = static_cast<double>(trial.work_per_repeat) * static_cast<double>(trial.repeats);
        const double of_block = trial.unit == kFirst ? rate(block) : 120e9 + 1e8 * (block % 2 == 0 ? 1 : -1);
        trial.block_ns.push_back(static_cast<std::int64_t>(std::llround(work * 1e9 / of_block)));
        trial.block_at_ns.push_back((session - 1) * terms.session_ns() + at);
        trial.block_session.push_back(session);
        ++block;
      }
    }
    trial.device_ns = trial.wall_ns = trial.block_ns;
    trial.block_throttle.assign(blocks, 0);
  }
  return run;
}

double alternating(std::uint32_t block) { return 120e9 + (block % 2 == 0 ? 1e9 : -1e9); }

std::string finding(const Verdict& verdict, const std::string& code) {
  for (const Finding& found : verdict.findings) {
    if (found.code == code && found.text.starts_with("t001 on " + kUnit)) return found.text;
  }
  return "none";
}

TEST(ASustainedClause, PassesWhereItsBlocksAreIndependent) {
  const Verdict verdict = sustained(60, 3, alternating).judge();
  const ClauseRow row = sample::row(verdict, "gemm", kUnit);
  EXPECT_EQ(row.outcome, Outcome::kPass) << row.words;
  ASSERT_TRUE(row.dependence);
  EXPECT_EQ(row.dependence->sessions, 3U);
  EXPECT_EQ(row.dependence->span_ns, 590 * kSecond);
  EXPECT_LT(*row.dependence->lag1, -0.9);
  EXPECT_GT(*row.dependence->kruskal_p, 0.5);
  const ClauseSummary clause = sample::clause(verdict, "gemm");
  EXPECT_EQ(clause.sustained, (Sustained{3, 600 * kSecond}));
  EXPECT_TRUE(clause.dependence);
  EXPECT_FALSE(sample::clause(verdict, "triad").sustained);
}

TEST(ASustainedClause, IsInconclusiveWhereNeighboursAreAlikeHoweverFarFromTheBar) {
  const Case run = sustained(60, 3, [](std::uint32_t i) { return 120e9 + ((i / 10) % 2 == 0 ? 1e9 : -1e9); });
  const ClauseRow row = sample::row(run.judge(), "gemm", kUnit);
  EXPECT_EQ(row.outcome, Outcome::kInconclusive);
  EXPECT_EQ(row.reason, Reason::kDependent);
  EXPECT_THAT(row.words, HasSubstr("their lag-1 autocorrelation is 0."));
  EXPECT_TRUE(row.lower && row.upper && row.estimate) << "what was measured stays on the page";
  EXPECT_EQ(row.dependence->drift_p.has_value(), true);
  EXPECT_EQ(sample::clause(run.judge(), "gemm-per-won").reason, Reason::kDependent) << "no figure of the lot either";
}

TEST(ASustainedClause, IsInconclusiveWhereItsSessionsDifferThoughNeighboursDoNot) {
  const Case run = sustained(60, 2, [](std::uint32_t i) { return alternating(i) + (i < 30 ? 0 : 0.8e9); });
  const ClauseRow row = sample::row(run.judge(), "gemm", kUnit);
  EXPECT_LT(*row.dependence->lag1, 0.2);
  EXPECT_LT(*row.dependence->kruskal_p, 0.01);
  EXPECT_EQ(row.outcome, Outcome::kInconclusive);
  EXPECT_EQ(row.reason, Reason::kDependent);
  EXPECT_THAT(row.words, HasSubstr("the sessions differ (Kruskal-Wallis H = "));
}

TEST(ASustainedClause, ThatRejectsWhatIsUndecidedRejectsDependentBlocks) {
  Case run = sustained(60, 1, [](std::uint32_t i) { return 120e9 + 1e7 * i; });
  run.clause("gemm").if_inconclusive = IfInconclusive::kReject;
  const ClauseRow row = sample::row(run.judge(), "gemm", kUnit);
  EXPECT_EQ(row.outcome, Outcome::kFail);
  EXPECT_EQ(row.reason, Reason::kDependent);
}

TEST(ASustainedClause, OfAnObservedExtremeIsPassOrFailWhateverItsBlocksSayOfEachOther) {
  Case run = sustained(60, 1, [](std::uint32_t i) { return 101e9 + 1e8 * i; });
  run.clause("gemm").statistic = "min";
  ClauseRow row = sample::row(run.judge(), "gemm", kUnit);
  EXPECT_TRUE(row.dependence->dependent);
  EXPECT_EQ(row.outcome, Outcome::kPass);
  EXPECT_EQ(row.lower, row.upper) << "no interval";
  run = sustained(60, 1, [](std::uint32_t i) { return i == 41 ? 99e9 : 120e9; });
  run.clause("gemm").statistic = "min";
  row = sample::row(run.judge(), "gemm", kUnit);
  EXPECT_EQ(row.outcome, Outcome::kFail) << "one of sixty";
}

TEST(T06, TheFastFirstBlocksOfASoakDoNotCarryItsRest) {
  const Case run = sustained(60, 1, [](std::uint32_t i) { return i < 4 ? 130e9 : 90e9 + (i % 2 == 0 ? 1e8 : -1e8); });
  const ClauseRow row = sample::row(run.judge(), "gemm", kUnit);
  EXPECT_NE(row.outcome, Outcome::kPass);
  EXPECT_NEAR(*row.estimate, 90e9, 0.2e9);
  const Case slow = sustained(60, 3, [](std::uint32_t i) { return 90e9 + (i % 2 == 0 ? 1e8 : -1e8); });
  EXPECT_EQ(sample::row(slow.judge(), "gemm", kUnit).outcome, Outcome::kFail);
}

TEST(ASustainedTrial, OfWhichEachSecondBlockIsJudgedIsJudgedByThese) {
  Case run = sustained(60, 3, alternating);
  run.plan.trials[0].thin = 2;
  const ClauseRow row = sample::row(run.judge(), "gemm", kUnit);
  EXPECT_EQ(row.n, 30U);
  EXPECT_NEAR(*row.estimate, 121e9, 1e7) << "the even blocks";
}

TEST(ASustainedTrial, WhoseBlocksAreNotSpreadAsPlannedIsInvalid) {
  const auto words = [](const std::function<void(Trial&)>& spoil) {
    Case run = sustained(60, 3, alternating);
    spoil(run.trial("t001", kFirst));
    const ClauseRow row = sample::row(run.judge(), "gemm", kUnit);
    EXPECT_EQ(row.outcome, Outcome::kInvalid) << row.words;
    return row.words;
  };
  EXPECT_THAT(words([](Trial& trial) { trial.block_at_ns[7] = trial.block_at_ns[6] + kSecond; }),
              HasSubstr("block 7 started 61.0 s after its session's first, and 70.0 s was planned"));
  EXPECT_THAT(words([](Trial& trial) { trial.block_session[20] = 1; }), HasSubstr("block 20 is not of session 2"));
  EXPECT_THAT(words([](Trial& trial) { trial.block_at_ns.clear(); }), HasSubstr("60 blocks, 0 starts"));
  EXPECT_THAT(words([](Trial& trial) { trial.block_at_ns[20] = trial.block_at_ns[19]; }),
              HasSubstr("block 20 did not start after the one before it"));
}

TEST(ASustainedClause, IsNotJudgedFromATrialInOneStretch) {
  Case run = sustained(60, 3, alternating);
  run.plan.trials[0].sustained.reset();
  EXPECT_THROW(run.judge(), Error);
}

TEST(BlockFindings, NameThrottlingWithItsTimesAndKind) {
  Case run = sustained(60, 3, alternating);
  Trial& trial = run.trial("t001", kFirst);
  for (std::size_t i = 4; i < 60; ++i) trial.block_throttle[i] = 2;
  EXPECT_THAT(finding(run.judge(), "throttled"),
              HasSubstr("throttled (power) in 56 of 60 blocks, which were kept and judged: from 40.0 s on"));
  EXPECT_EQ(sample::row(run.judge(), "gemm", kUnit).dependence->throttled, 56U);
  EXPECT_EQ(sample::row(run.judge(), "gemm", kUnit).outcome, Outcome::kPass) << "the finding decides nothing";
  trial.block_throttle.assign(60, 0);
  trial.block_throttle[10] = trial.block_throttle[11] = 1;
  trial.block_throttle[20] = 8;
  EXPECT_THAT(finding(run.judge(), "throttled"), HasSubstr("throttled (thermal, other) in 3 of 60 blocks"));
  EXPECT_THAT(finding(run.judge(), "throttled"), HasSubstr("from 100.0 s to 110.1 s; from 200.0 s to 200.1 s"));
  trial.block_throttle.assign(60, 0);
  EXPECT_EQ(finding(run.judge(), "throttled"), "none");
}

TEST(BlockFindings, NameCountersThatGrewAndADrift) {
  Case run = sustained(60, 3, [](std::uint32_t i) { return 120e9 - 1e8 * i; });
  Trial& trial = run.trial("t001", kFirst);
  std::vector<std::int64_t> counted(60, 7);
  for (std::size_t i = 33; i < 60; ++i) counted[i] = 9;
  trial.before->ecc_corrected = 7;
  trial.block_counters = {{"ecc_corrected", counted}};
  const Verdict verdict = run.judge();
  EXPECT_THAT(finding(verdict, "ecc"),
              HasSubstr("corrected ECC errors grew from 7 to 9, first seen after the block at 330.0 s of session 2"));
  EXPECT_THAT(finding(verdict, "drift"), HasSubstr("the speed changes by -5.04 % over 590 s"));
}

TEST(AFifthPercentile, FailsWhereAFifthOfTheBlocksIsSlowAndTheMedianPasses) {
  Case run = sustained(60, 3, [](std::uint32_t i) { return i % 5 == 4 ? 60e9 : alternating(i); });
  run.clause("node-gemm").statistic = "p05";
  const Verdict verdict = run.judge();
  EXPECT_EQ(sample::row(verdict, "gemm", kUnit).outcome, Outcome::kPass);
  EXPECT_EQ(sample::clause(verdict, "node-gemm").outcome, Outcome::kFail);
  EXPECT_GE(*sample::clause(verdict, "node-gemm").level, 0.95);
}

TEST(AdaptiveStopping, IsJudgedFromFewerBlocksLabelledAndAcceptsNobody) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  for (std::vector<std::int64_t>* times : {&trial.block_ns, &trial.device_ns, &trial.wall_ns}) times->resize(6);
  EXPECT_EQ(sample::row(run.judge(), "gemm", kUnit).outcome, Outcome::kInvalid) << "a plan that fixes its blocks";
  run.plan.adaptive_min_blocks = 6;
  Verdict verdict = run.judge();
  EXPECT_EQ(sample::row(verdict, "gemm", kUnit).outcome, Outcome::kPass);
  EXPECT_TRUE(verdict.adaptive);
  EXPECT_FALSE(sample::clause(verdict, "gemm").level);
  EXPECT_TRUE(verdict.reconciliation.accepted.empty());
  EXPECT_THAT(verdict.sentence, HasSubstr("adaptive stopping: not an acceptance"));
  EXPECT_THAT(verdict.notes, testing::Contains(HasSubstr("1 of 4 trials ended before their planned blocks")));
  run.plan.adaptive_min_blocks = 7;
  verdict = run.judge();
  EXPECT_EQ(sample::row(verdict, "gemm", kUnit).outcome, Outcome::kInvalid) << "fewer than its least";
}

}  // namespace
}  // namespace geomsu
