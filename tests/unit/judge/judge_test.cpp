#include <cmath>
#include <functional>

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
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kOf = [](const Finding& finding) { return finding.code; };

std::vector<std::string> codes(const Verdict& verdict) {
  std::vector<std::string> result;
  for (const Finding& finding : verdict.findings) result.push_back(kOf(finding));
  return result;
}

// The gemm clause on the first unit after `change` of its trial.
ClauseRow first_after(const std::function<void(Trial&)>& change) {
  Case run;
  change(run.trial("t001", kFirst));
  return sample::row(run.judge(), "gemm", "node01/S-001");
}

void expect(const ClauseRow& row, Outcome outcome, Reason reason) {
  EXPECT_EQ(row.outcome, outcome) << to_string(row.outcome) << ": " << row.words;
  EXPECT_EQ(row.reason, reason) << to_string(row.reason) << ": " << row.words;
}

TEST(Judge, PassesADeliveryThatMeetsItsContract) {
  const Verdict verdict = Case().judge();
  EXPECT_EQ(verdict.overall, Outcome::kPass);
  EXPECT_EQ(verdict.exit_code, 0);
  for (const ClauseSummary& clause : verdict.clauses)
    EXPECT_EQ(clause.outcome, Outcome::kPass) << clause.clause << clause.words;
  EXPECT_EQ(verdict.rows.size(), 2u + 2u + 1u + 1u);
  EXPECT_THAT(verdict.reconciliation.accepted, ElementsAre("S-001", "S-002"));
  EXPECT_THAT(verdict.sentence,
              HasSubstr("PASS: 4 clauses (4 PASS); units: 2 contracted, 2 found, 2 tested, 2 accepted."));
  EXPECT_THAT(verdict.findings, IsEmpty());
}

TEST(Judge, TakesValuesFromIntegersAndBoundsFromOrderStatistics) {
  Case run;
  Trial& trial = run.trial("t001", kFirst);
  trial.repeats = 1000;
  for (std::size_t i = 0; i < 10; ++i) trial.block_ns[i] = 2'147'483'648LL * 10 / (10 + static_cast<int>(i)) * 10;
  trial.device_ns = trial.block_ns;
  trial.wall_ns = trial.block_ns;
  const ClauseRow& row = sample::row(run.judge(), "gemm", "node01/S-001");
  // v_i = 2^31 * 1000 * 1e9 / ns_i = (10 + i) * 1e10 or a hair above; of ten values the bounds at 95 % are the 2nd and
  // 9th smallest (level 98.93 %).
  EXPECT_NEAR(*row.lower, 11e10, 1e3);
  EXPECT_NEAR(*row.upper, 18e10, 1e3);
  EXPECT_NEAR(*row.estimate, 14.5e10, 1e3);
  EXPECT_NEAR(*sample::clause(Case().judge(), "gemm").level, 1 - 11.0 / 1024, 1e-12);
}

TEST(Judge, NeedsTheLowerBoundOverAFloorAndTheUpperUnderACeiling) {
  Case run;
  Clause& clause = run.clause("gemm");
  const ClauseRow bounds = sample::row(run.judge(), "gemm", "node01/S-002");
  const auto with = [&](bool at_least, double bar) {
    clause.at_least = at_least ? std::optional(Quantity{bar, Dimension::kFlops}) : std::nullopt;
    clause.at_most = at_least ? std::nullopt : std::optional(Quantity{bar, Dimension::kFlops});
    return sample::row(run.judge(), "gemm", "node01/S-002").outcome;
  };
  const double lower = *bounds.lower, upper = *bounds.upper;
  ASSERT_LT(lower, upper);
  EXPECT_EQ(with(true, lower), Outcome::kPass);
  EXPECT_EQ(with(true, std::nextafter(lower, upper)), Outcome::kInconclusive);
  EXPECT_EQ(with(true, upper), Outcome::kInconclusive);
  EXPECT_EQ(with(true, std::nextafter(upper, 1e300)), Outcome::kFail);
  EXPECT_EQ(with(false, upper), Outcome::kPass);
  EXPECT_EQ(with(false, std::nextafter(upper, lower)), Outcome::kInconclusive);
  EXPECT_EQ(with(false, lower), Outcome::kInconclusive);
  EXPECT_EQ(with(false, std::nextafter(lower, 0)), Outcome::kFail);
}

TEST(Judge, LeavesTheUndecidedUndecidedUnlessTheContractRejectsIt) {
  Case run;
  Clause& clause = run.clause("gemm");
  const ClauseRow bounds = sample::row(run.judge(), "gemm", "node01/S-002");
  clause.at_least->value = *bounds.upper;
  expect(sample::row(run.judge(), "gemm", "node01/S-002"), Outcome::kInconclusive, Reason::kUndecided);
  EXPECT_EQ(run.judge().exit_code, 2);
  clause.if_inconclusive = IfInconclusive::kConditional;
  expect(sample::row(run.judge(), "gemm", "node01/S-002"), Outcome::kInconclusive, Reason::kUndecided);
  clause.if_inconclusive = IfInconclusive::kReject;
  expect(sample::row(run.judge(), "gemm", "node01/S-002"), Outcome::kFail, Reason::kUndecided);
}

TEST(Judge, KeepsTooSlowWrongUnsupportedAndBrokenApart) {
  Case run;
  run.trial("t001", kFirst) = sample::trial(run.plan, "t001", kFirst, 99e9);
  expect(sample::row(run.judge(), "gemm", "node01/S-001"), Outcome::kFail, Reason::kTooSlow);
  expect(first_after([](Trial& t) { t.checks[0].passed = false; }), Outcome::kFail, Reason::kWrongAnswer);
  expect(first_after([](Trial& t) { t.status = TrialStatus::kUnsupported; }), Outcome::kFail, Reason::kUnsupported);
  for (const TrialStatus status :
       {TrialStatus::kOutOfMemory, TrialStatus::kDeviceLost, TrialStatus::kTimeout, TrialStatus::kError}) {
    expect(first_after([status](Trial& t) { t.status = status; }), Outcome::kInvalid, Reason::kDeviceError);
  }
  const auto invalid = [](const char* code) {
    return first_after([code](Trial& t) {
      t.status = TrialStatus::kInvalid;
      t.reason_code = code;
      t.reason = "words \x1b[31m";
    });
  };
  expect(invalid("clock"), Outcome::kInvalid, Reason::kClock);
  expect(invalid("device changed"), Outcome::kInvalid, Reason::kDeviceChanged);
  expect(invalid("late start"), Outcome::kInvalid, Reason::kLateStart);
  expect(invalid("wrong answer"), Outcome::kFail, Reason::kWrongAnswer);
  expect(invalid("none"), Outcome::kInvalid, Reason::kDeviceError);
  expect(invalid("no such reason"), Outcome::kInvalid, Reason::kDeviceError);
  EXPECT_EQ(invalid("clock").words.find('\x1b'), std::string::npos) << "a device's words are escaped";
}

TEST(Judge, LetsAnUnsupportedOperationPassByOnlyWhereTheClauseSaysSo) {
  Case run;
  run.trial("t002", kFirst).status = TrialStatus::kUnsupported;
  const Verdict verdict = run.judge();
  expect(sample::row(verdict, "triad", "node01/S-001"), Outcome::kNotApplicable, Reason::kUnsupported);
  EXPECT_EQ(sample::clause(verdict, "triad").outcome, Outcome::kPass) << "the other unit's";
  EXPECT_EQ(verdict.exit_code, 0);
  run.trial("t002", kSecond).status = TrialStatus::kUnsupported;
  EXPECT_EQ(sample::clause(run.judge(), "triad").outcome, Outcome::kNotApplicable);
}

TEST(Judge, RefusesTimesThatAreNotTheClocks) {
  expect(first_after([](Trial& t) { t.clock.verdict = ClockAudit::Verdict::kBroken; }), Outcome::kInvalid,
         Reason::kClock);
  expect(first_after([](Trial& t) { t.clock.verdict = ClockAudit::Verdict::kUnproved; }), Outcome::kInvalid,
         Reason::kClock);
  expect(first_after([](Trial& t) { t.block_ns[3] -= 1; }), Outcome::kInvalid, Reason::kClock);
  expect(first_after([](Trial& t) { t.block_ns[3] = t.device_ns[3] = 0; }), Outcome::kInvalid, Reason::kClock);
  expect(first_after([](Trial& t) { t.wall_ns.clear(); }), Outcome::kInvalid, Reason::kClock);
  expect(first_after([](Trial& t) { t.wall_ns[0] = t.wall_ns[0] * 102 / 100 + 2'100'000; }), Outcome::kInvalid,
         Reason::kClock);
  const auto by_wall = [](std::int64_t taken_off) {
    return first_after([taken_off](Trial& t) {
      t.judged_by_device = false;
      t.clock.verdict = ClockAudit::Verdict::kUnproved;
      for (std::size_t i = 0; i < t.block_ns.size(); ++i) t.block_ns[i] = t.wall_ns[i] - taken_off;
    });
  };
  expect(by_wall(9'000), Outcome::kPass, Reason::kNone);
  expect(by_wall(9'001), Outcome::kInvalid, Reason::kClock);
  expect(by_wall(-1), Outcome::kInvalid, Reason::kClock);
}

TEST(Judge, RefusesAUnitThatDidNotStartWithTheOthers) {
  expect(first_after([](Trial& t) { t.late_ns = 1'000'000; }), Outcome::kPass, Reason::kNone);
  expect(first_after([](Trial& t) { t.late_ns = 1'000'001; }), Outcome::kInvalid, Reason::kLateStart);
  expect(first_after([](Trial& t) { t.late_ns = -1; }), Outcome::kInvalid, Reason::kLateStart);
  Case alone;
  alone.plan.trials[0].units = {kFirst};
  alone.trial("t001", kFirst).late_ns = 5'000'000;
  expect(sample::row(alone.judge(), "gemm", "node01/S-001"), Outcome::kPass, Reason::kNone);
}

TEST(Judge, TakesForeignLoadAsAFindingUnlessTheClauseIsExclusive) {
  Case run;
  run.trial("t001", kSecond).findings = {{"foreign_load", "others used 12 %"}};
  Verdict verdict = run.judge();
  EXPECT_EQ(sample::clause(verdict, "gemm").outcome, Outcome::kPass);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].text, "t001 on node01/S-002: others used 12 %");
  run.clause("gemm").exclusive = true;
  verdict = run.judge();
  expect(sample::row(verdict, "gemm", "node01/S-002"), Outcome::kInvalid, Reason::kForeignLoad);
  expect(sample::row(verdict, "gemm", "node01/S-001"), Outcome::kPass, Reason::kNone);
}

TEST(Judge, RefusesWorkThatIsNotTheWorkloads) {
  expect(first_after([](Trial& t) { t.work_per_repeat *= 2; }), Outcome::kInvalid, Reason::kNotMeasured);
  expect(first_after([](Trial& t) { t.repeats = 0; }), Outcome::kInvalid, Reason::kNotMeasured);
}

TEST(Judge, RefusesAStatisticThatHasNoBoundAtThisManyBlocks) {
  Case run;
  run.plan.trials[0].blocks = 4;
  for (Trial& trial : run.trials) {
    trial.block_ns.resize(trial.id == "t001" ? 4 : 10);
    trial.device_ns = trial.block_ns;
    trial.wall_ns.resize(trial.block_ns.size());
  }
  const ClauseRow row = sample::row(run.judge(), "gemm", "node01/S-001");
  expect(row, Outcome::kInvalid, Reason::kNotMeasured);
  EXPECT_THAT(row.words, HasSubstr("no bound of the median exists for 4 blocks at 95 %"));
}

TEST(Judge, MissesTheUnitsOfTheDeliveryListWhateverThePlanSays) {
  Case run;
  run.plan.units.pop_back();  // a plan that dropped one
  for (PlannedTrial& trial : run.plan.trials) trial.units = {kFirst};
  std::erase_if(run.trials, [](const Trial& trial) { return trial.unit == kSecond; });
  const Verdict verdict = run.judge();
  expect(sample::row(verdict, "gemm", "node01/S-002"), Outcome::kNotRun, Reason::kNotFound);
  EXPECT_THAT(verdict.reconciliation.missing, ElementsAre("S-002"));
  EXPECT_THAT(verdict.reconciliation.accepted, ElementsAre("S-001"));
  EXPECT_EQ(sample::clause(verdict, "gemm-per-won").outcome, Outcome::kNotRun) << "a lot is not judged without a unit";
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_THAT(codes(verdict), ElementsAre("missing_unit"));
}

TEST(Judge, ListsWhatNobodyContractedAndJudgesItNot) {
  Case run;
  run.contract.delivery.units.pop_back();
  const Verdict verdict = run.judge();
  EXPECT_THAT(verdict.reconciliation.uncontracted, ElementsAre("S-002"));
  EXPECT_EQ(sample::clause(verdict, "gemm").units, 1u);
  EXPECT_THAT(codes(verdict), ElementsAre("uncontracted_unit"));
}

TEST(Judge, SaysWhereAUnitStandsElsewhereThanListed) {
  Case run;
  run.contract.delivery.units[1].node = "node07";
  EXPECT_THAT(codes(run.judge()), ElementsAre("other_node"));
}

TEST(Judge, TakesTheFirstAttemptAndNamesLaterOnes) {
  Case run;
  Trial again = run.trial("t001", kFirst);
  run.trial("t001", kFirst) = sample::trial(run.plan, "t001", kFirst, 90e9);
  again.attempt = 2;
  run.trials.insert(run.trials.begin(), again);
  const Verdict verdict = run.judge();
  expect(sample::row(verdict, "gemm", "node01/S-001"), Outcome::kFail, Reason::kTooSlow);
  EXPECT_EQ(sample::row(verdict, "gemm", "node01/S-001").attempt, 1u);
  EXPECT_THAT(codes(verdict), ElementsAre("later_attempt"));
}

TEST(Judge, RefusesATrialThatIsThereTwice) {
  Case run;
  run.trials.push_back(run.trials.front());
  EXPECT_THROW(run.judge(), Error);
}

TEST(Judge, RefusesAPlanOfAnotherWorkload) {
  Case run;
  run.plan.trials[0].workload.params["m"] = "512";
  EXPECT_THROW(run.judge(), Error);
}

TEST(Judge, LeavesOutAndNamesATrialThatNobodyPlanned) {
  Case run;
  Trial extra = run.trial("t001", kFirst);
  extra.id = "t009";
  run.trials.push_back(extra);
  const Verdict verdict = run.judge();
  EXPECT_EQ(verdict.overall, Outcome::kPass);
  EXPECT_THAT(codes(verdict), ElementsAre("unplanned_trial"));
}

TEST(Judge, FindsBlocksShorterThanPlanned) {
  Case run;
  run.plan.trials[0].block_min_ns = 10'000'000'000;
  EXPECT_THAT(codes(run.judge()), ElementsAre("short_blocks", "short_blocks"));
}

TEST(Judge, NamesTheWeakestUnitAndHowToRepeatIt) {
  const ClauseSummary summary = sample::clause(Case().judge(), "gemm");
  EXPECT_EQ(summary.weakest, kSecond);
  EXPECT_EQ(summary.repro, "geomsu run contract.yaml --only t001 --unit node01/S-002");
  EXPECT_EQ(summary.units, 2u);
  EXPECT_EQ(summary.passed, 2u);
}

TEST(Judge, CallsAnAtMostClausesHighestUnitItsWeakest) {
  Case run;
  Clause& clause = run.clause("gemm");
  clause.at_most = Quantity{1e15, Dimension::kFlops};
  clause.at_least.reset();
  EXPECT_EQ(sample::clause(run.judge(), "gemm").weakest, kFirst);
}

TEST(Judge, AppliesTheToleranceThatIsNamedAndPrintsItsBar) {
  Case run;
  const ClauseSummary summary = sample::clause(run.judge(), "triad");
  EXPECT_EQ(*summary.at_least, run.clause("triad").bar());
  EXPECT_NEAR(*summary.at_least, 19e9, 1);
  EXPECT_EQ(summary.tolerance_text, "5 %");
}

TEST(Node, IsAsGoodAsItsWorstDevice) {
  Case run;
  run.trial("t001", kSecond) = sample::trial(run.plan, "t001", kSecond, 60e9);
  const Verdict verdict = run.judge();
  const ClauseRow& node = sample::row(verdict, "node-gemm", "node01");
  expect(node, Outcome::kFail, Reason::kTooSlow);
  EXPECT_THAT(node.words, HasSubstr("weakest device node01/S-002"));
}

TEST(Lot, SumsLowerBoundsOverThePrice) {
  const Verdict verdict = Case().judge();
  const double lower =
      *sample::row(verdict, "gemm", "node01/S-001").lower + *sample::row(verdict, "gemm", "node01/S-002").lower;
  ASSERT_EQ(verdict.per_won.size(), 1u);
  const PerWon& figure = verdict.per_won[0];
  EXPECT_EQ(*figure.floor, lower);
  EXPECT_EQ(figure.price_won, 100'000'000);
  EXPECT_EQ(*figure.per_won_floor, lower / 1e8);
  EXPECT_GT(*figure.per_won_ceiling, *figure.per_won_floor);
  EXPECT_EQ(figure.vat, "VAT excluded");
  EXPECT_EQ(*sample::row(verdict, "gemm-per-won", "lot").lower, *figure.per_won_floor);
}

TEST(Lot, WithoutAPriceIsNotRunAndPrintsTheBreakEvenPrice) {
  Case run;
  run.contract.price->won.reset();
  const Verdict verdict = run.judge();
  const ClauseRow& row = sample::row(verdict, "gemm-per-won", "lot");
  expect(row, Outcome::kNotRun, Reason::kNoPrice);
  const PerWon& figure = verdict.per_won[0];
  ASSERT_TRUE(figure.break_even_won);
  const double bar = run.clause("gemm-per-won").bar();
  EXPECT_GE(*figure.floor / static_cast<double>(*figure.break_even_won), bar);
  EXPECT_LT(*figure.floor / static_cast<double>(*figure.break_even_won + 1), bar);
  EXPECT_EQ(figure.per_won_floor, std::nullopt);
  EXPECT_THAT(row.words, HasSubstr("억원"));
  run.contract.price.reset();
  expect(sample::row(run.judge(), "gemm-per-won", "lot"), Outcome::kNotRun, Reason::kNoPrice);
}

TEST(Lot, IsNeverJudgedWithoutOneOfItsUnits) {
  Case run;
  std::erase_if(run.trials, [](const Trial& t) { return t.id == "t001" && t.unit == kSecond; });
  expect(sample::row(run.judge(), "gemm-per-won", "lot"), Outcome::kNotRun, Reason::kNotMeasured);
  Case broken;
  broken.trial("t001", kSecond).status = TrialStatus::kDeviceLost;
  expect(sample::row(broken.judge(), "gemm-per-won", "lot"), Outcome::kInvalid, Reason::kDeviceError);
}

TEST(Lot, ThatCountsUnitsWhichNobodyNamedIsNotRun) {
  Case run;
  run.contract.price->counted_units = "state_use";
  EXPECT_EQ(sample::row(run.judge(), "gemm-per-won", "lot").outcome, Outcome::kNotRun);
}

TEST(Lot, FailsWhereEvenTheCeilingMissesTheBar) {
  Case run;
  run.contract.price->won = 1'000'000'000;
  expect(sample::row(run.judge(), "gemm-per-won", "lot"), Outcome::kFail, Reason::kTooSlow);
}

TEST(Simulated, KeepsItsClauseOutcomesAndIsInvalidOverall) {
  for (const char* kind : {"fake", "emulated"}) {
    Case run;
    run.plan.simulated = kind;
    const Verdict verdict = run.judge();
    for (const ClauseSummary& clause : verdict.clauses) EXPECT_EQ(clause.outcome, Outcome::kPass);
    EXPECT_EQ(verdict.clauses_overall, Outcome::kPass);
    EXPECT_EQ(verdict.overall, Outcome::kInvalid);
    EXPECT_EQ(verdict.exit_code, 2);
    EXPECT_THAT(verdict.reconciliation.accepted, IsEmpty());
    EXPECT_THAT(verdict.sentence, HasSubstr("simulated"));
    run.trial("t001", kFirst) = sample::trial(run.plan, "t001", kFirst, 1e9);
    EXPECT_EQ(run.judge().clauses_overall, Outcome::kFail);
    EXPECT_EQ(run.judge().exit_code, 2) << "a FAIL of a fake device is no FAIL of the delivery";
  }
}

TEST(Demonstration, IsSaidInTheVerdictsSentence) {
  Case run;
  run.contract.demonstration = true;
  EXPECT_THAT(run.judge().sentence, HasSubstr("DEMONSTRATION"));
  EXPECT_EQ(run.judge().overall, Outcome::kPass);
}

TEST(BoundExists, NamesTheNumberOfBlocksThatWouldDo) {
  std::uint32_t needed = 0;
  EXPECT_FALSE(bound_exists("median", 4, 0.95, &needed));
  EXPECT_EQ(needed, 5u);
  EXPECT_TRUE(bound_exists("median", 5, 0.95, nullptr));
  EXPECT_FALSE(bound_exists("p05", 58, 0.95, &needed));
  EXPECT_EQ(needed, 59u);
  EXPECT_FALSE(bound_exists("mean", 1000, 0.95, &needed));
}

}  // namespace
}  // namespace geomsu
