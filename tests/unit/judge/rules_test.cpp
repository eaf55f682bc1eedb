// Between, the two looks, and Holm over a unit's own clauses.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;
using sample::kFirst;
using sample::kSecond;
using sample::rates;
using sample::set_rates;
using testing::Contains;
using testing::HasSubstr;

const std::string kUnit = "node01/S-001";

void expect(const ClauseRow& row, Outcome outcome, Reason reason) {
  EXPECT_EQ(row.outcome, outcome) << to_string(row.outcome) << ": " << row.words;
  EXPECT_EQ(row.reason, reason) << to_string(row.reason) << ": " << row.words;
}

void between(Clause& clause, double low, double high) {
  clause.at_least = Quantity{low, Dimension::kFlops};
  clause.at_most = Quantity{high, Dimension::kFlops};
}

TEST(Between, PassesWithBothBoundsInsideFailsWithBothOutsideOnOneSideElseIsUndecided) {
  Case run;
  run.only("gemm");
  Clause& clause = run.clause("gemm");
  const ClauseRow bounds = sample::row(run.judge(), "gemm", kUnit);
  const double lower = *bounds.lower, upper = *bounds.upper;
  ASSERT_LT(lower, upper);
  const auto with = [&](double low, double high) {
    between(clause, low, high);
    return sample::row(run.judge(), "gemm", kUnit).outcome;
  };
  EXPECT_EQ(with(lower, upper), Outcome::kPass);
  EXPECT_EQ(with(std::nextafter(lower, upper), upper), Outcome::kInconclusive);
  EXPECT_EQ(with(lower, std::nextafter(upper, lower)), Outcome::kInconclusive);
  EXPECT_EQ(with(std::nextafter(upper, 1e300), 1e300), Outcome::kFail);
  EXPECT_EQ(with(1, std::nextafter(lower, 0)), Outcome::kFail);
  EXPECT_EQ(with(upper, 1e300), Outcome::kInconclusive);
  EXPECT_EQ(with(std::nextafter(lower, upper), std::nextafter(upper, lower)), Outcome::kInconclusive) << "astride both";
}

TEST(Between, NamesBothBarsAndTheSideThatIsMissed) {
  Case run;
  between(run.clause("gemm"), 200e9, 300e9);
  const Verdict verdict = run.judge();
  const ClauseRow row = sample::row(verdict, "gemm", kUnit);
  expect(row, Outcome::kFail, Reason::kTooSlow);
  EXPECT_THAT(row.words, HasSubstr("below the bar; between 200.0 and 300.0 GFLOP/s was contracted"));
  EXPECT_EQ(*sample::clause(verdict, "gemm").at_least, 200e9);
  EXPECT_EQ(*sample::clause(verdict, "gemm").at_most, 300e9);
  between(run.clause("gemm"), 1e9, 2e9);
  EXPECT_THAT(sample::row(run.judge(), "gemm", kUnit).words, HasSubstr("above the bar"));
}

TEST(Between, TakesTheUnitNearestToEitherBarForTheWeakest) {
  Case run;
  between(run.clause("gemm"), 10e9, 130e9);  // 120 and 115: the first is nearer to the upper bar
  EXPECT_EQ(sample::clause(run.judge(), "gemm").weakest, kFirst);
  between(run.clause("gemm"), 100e9, 1000e9);
  EXPECT_EQ(sample::clause(run.judge(), "gemm").weakest, kSecond);
}

TEST(Between, OfTheObservedExtremeIsDecided) {
  Case run;
  Clause& clause = run.clause("gemm");
  clause.statistic = "min";
  const double least = *sample::row(run.judge(), "gemm", kUnit).lower;
  between(clause, least, least);
  expect(sample::row(run.judge(), "gemm", kUnit), Outcome::kPass, Reason::kNone);
  between(clause, std::nextafter(least, 1e300), 1e300);
  expect(sample::row(run.judge(), "gemm", kUnit), Outcome::kFail, Reason::kTooSlow);
  EXPECT_EQ(sample::row(run.judge(), "gemm", kUnit).p_fail, std::nullopt) << "an observed extreme is no test";
}

// Ten planned blocks and ten more: bounds at 97.5 % are the 2nd and 9th of ten, the 6th and 15th of twenty.
struct TwoLooks : Case {
  TwoLooks() {
    plan.trials[0].extension = 10;
    only("gemm");
  }
  ClauseRow gemm(const std::vector<double>& values) {
    set_rates(trial("t001", kFirst), values);
    return sample::row(judge(), "gemm", kUnit);
  }
};

TEST(Looks, TheFirstDecidesWhereItCanWhateverTheExtensionSays) {
  TwoLooks run;
  const ClauseRow alone = run.gemm(rates({{9, 110e9}, {1, 90e9}}));
  expect(alone, Outcome::kPass, Reason::kNone);
  EXPECT_EQ(alone.look, 1U);
  EXPECT_EQ(alone.n, 10U);
  const ClauseRow with = run.gemm(rates({{9, 110e9}, {1, 90e9}, {10, 1e9}}));
  EXPECT_EQ(with.outcome, Outcome::kPass);
  EXPECT_EQ(with.words, alone.words);
  EXPECT_EQ(with.n, 10U);
  EXPECT_EQ(with.estimate, alone.estimate);
  EXPECT_EQ(with.p_fail, alone.p_fail);
  expect(run.gemm(rates({{1, 110e9}, {9, 90e9}, {10, 900e9}})), Outcome::kFail, Reason::kTooSlow);
}

TEST(Looks, TheSecondJudgesThePooledBlocks) {
  TwoLooks run;
  const ClauseRow passed = run.gemm(rates({{5, 90e9}, {15, 110e9}}));
  expect(passed, Outcome::kPass, Reason::kNone);
  EXPECT_EQ(passed.look, 2U);
  EXPECT_EQ(passed.n, 20U);
  expect(run.gemm(rates({{5, 110e9}, {15, 90e9}})), Outcome::kFail, Reason::kTooSlow);
  expect(run.gemm(rates({{5, 90e9}, {14, 110e9}, {1, 90e9}})), Outcome::kInconclusive, Reason::kUndecided);
}

TEST(Looks, AnUndecidedFirstWithoutItsExtensionSaysSo) {
  TwoLooks run;
  const ClauseRow row = run.gemm(rates({{5, 90e9}, {5, 110e9}}));
  expect(row, Outcome::kInconclusive, Reason::kUndecided);
  EXPECT_THAT(row.words, HasSubstr("the 10 blocks more that the plan has for that were not measured"));
}

TEST(Looks, PartOfAnExtensionIsNone) {
  TwoLooks run;
  for (const int n : {11, 15, 19, 21, 30}) {
    const ClauseRow row = run.gemm(rates({{n, 110e9}}));
    expect(row, Outcome::kInvalid, Reason::kNotMeasured);
    EXPECT_THAT(row.words, HasSubstr("the plan fixed 10, or 20 with its extension"));
  }
  run.plan.trials[0].extension = 0;
  expect(run.gemm(rates({{20, 110e9}})), Outcome::kInvalid, Reason::kNotMeasured);
}

TEST(Looks, SplitTheErrorAndThePrintedLevelIsThatOfBoth) {
  TwoLooks run;
  run.gemm(rates({{10, 110e9}}));
  const ClauseSummary summary = sample::clause(run.judge(), "gemm");
  EXPECT_EQ(summary.looks, 2U);
  EXPECT_DOUBLE_EQ(*summary.look_level, 0.975);
  const double first = 11.0 / 1024, second = 21700.0 / 1048576;  // P(Bin(10) <= 1), P(Bin(20) <= 5)
  EXPECT_NEAR(*summary.level, 1 - first - second, 1e-12);
  EXPECT_GE(*summary.level, summary.confidence);
  Case one;
  EXPECT_EQ(sample::clause(one.judge(), "gemm").looks, 1U);
  EXPECT_NEAR(*sample::clause(one.judge(), "gemm").level, 1 - first, 1e-12);
}

TEST(Looks, OfAnObservedExtremeIsTheFirstAlone) {
  TwoLooks run;
  run.clause("gemm").statistic = "min";
  const ClauseRow row = run.gemm(rates({{10, 110e9}, {10, 1e9}}));
  expect(row, Outcome::kPass, Reason::kNone);
  EXPECT_EQ(row.n, 10U);
}

TEST(Looks, AreMoreWhereAnInconclusiveAttemptMayBeMeasuredAgain) {
  TwoLooks run;
  run.contract.reruns = {1, {Outcome::kInconclusive}};
  run.gemm(rates({{10, 110e9}}));
  const ClauseSummary summary = sample::clause(run.judge(), "gemm");
  EXPECT_EQ(summary.looks, 4U);
  EXPECT_DOUBLE_EQ(*summary.look_level, 0.9875);
}

// Nine of ten blocks below the bar: by its bounds a FAIL, with p = 11 / 1024. Holm wants it under 5 % over the clauses.
struct Family : Case {
  Family() {
    set_rates(trial("t001", kFirst), rates({{1, 110e9}, {9, 90e9}}));
    std::erase_if(contract.clauses, [](const Clause& clause) { return clause.id == "node-gemm"; });
  }
  ClauseRow gemm() const { return sample::row(judge(), "gemm", kUnit); }
};

TEST(Holm, LeavesAFailThatHoldsOverTheUnitsClauses) {
  Family run;
  run.copy("triad", "triad-2");
  run.copy("triad", "triad-3");
  const ClauseRow row = run.gemm();  // four clauses: 0.0107 <= 0.0125
  expect(row, Outcome::kFail, Reason::kTooSlow);
  EXPECT_DOUBLE_EQ(*row.p_fail, 11.0 / 1024);
}

TEST(Holm, SparesOneThatDoesNotAndItStillBlocksThePass) {
  Family run;
  for (const char* id : {"triad-2", "triad-3", "triad-4"}) run.copy("triad", id);
  const Verdict verdict = run.judge();
  const ClauseRow row = sample::row(verdict, "gemm", kUnit);  // five: 0.0107 > 0.01
  expect(row, Outcome::kInconclusive, Reason::kUndecided);
  EXPECT_THAT(row.words, HasSubstr("over the unit's 5 clauses that is no FAIL at 5 % (Holm: p = 0.0537)"));
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_THAT(verdict.reconciliation.accepted, testing::ElementsAre("S-002"));
  set_rates(run.trial("t001", kFirst), rates({{10, 90e9}}));  // ten of ten: 1 / 1024
  expect(run.gemm(), Outcome::kFail, Reason::kTooSlow);
}

TEST(Holm, IsAskedBeforeNodesAreMergedAndOfEachUnitAlone) {
  Family run;
  Clause& node = run.copy("gemm", "node-gemm");
  node.scope = Scope::kNode;
  for (const char* id : {"triad-2", "triad-3", "triad-4"}) run.copy("triad", id);
  expect(sample::row(run.judge(), "node-gemm", "node01"), Outcome::kInconclusive, Reason::kUndecided);
  // Clauses of another unit are no clauses of this one.
  Family other;
  for (const char* id : {"triad-2", "triad-3", "triad-4"}) other.copy("triad", id).sku = "other";
  for (DeliveredUnit& unit : other.contract.delivery.units) unit.sku = unit.serial == "S-002" ? "other" : "this";
  expect(other.gemm(), Outcome::kFail, Reason::kTooSlow);
}

TEST(Holm, KnowsNothingOfFailsForOtherReasons) {
  Family run;
  for (const char* id : {"triad-2", "triad-3", "triad-4"}) run.copy("triad", id);
  run.trial("t001", kFirst).checks[0].passed = false;
  expect(run.gemm(), Outcome::kFail, Reason::kWrongAnswer);
  run.trial("t001", kFirst).checks[0].passed = true;
  run.trial("t001", kFirst).status = TrialStatus::kUnsupported;
  expect(run.gemm(), Outcome::kFail, Reason::kUnsupported);
  run.trial("t001", kFirst).status = TrialStatus::kOk;
  run.clause("gemm").statistic = "max";
  run.clause("gemm").at_least->value = 500e9;
  expect(run.gemm(), Outcome::kFail, Reason::kTooSlow);
}

TEST(Holm, LeavesWhatTheContractRejectsAsUndecidedAFail) {
  Family run;
  for (const char* id : {"triad-2", "triad-3", "triad-4"}) run.copy("triad", id);
  run.clause("gemm").if_inconclusive = IfInconclusive::kReject;
  expect(run.gemm(), Outcome::kFail, Reason::kUndecided);
}

TEST(Holm, TakesTheLooksIntoTheChance) {
  Family run;
  run.plan.trials[0].extension = 10;
  EXPECT_DOUBLE_EQ(*run.gemm().p_fail, 2 * 11.0 / 1024);
  between(run.clause("gemm"), 100e9, 1e15);
  EXPECT_DOUBLE_EQ(*run.gemm().p_fail, 4 * 11.0 / 1024) << "two sides";
}

TEST(Holm, IsInTheNumberOfFalseFailsThatIsToBeExpected) {
  // Four units' clauses with an interval: two units with gemm, node-gemm and triad each, at 11 / 1024.
  EXPECT_THAT(Case().judge().notes,
              Contains(HasSubstr("0.06 false FAILs would be expected in 6 judged rows by their bounds alone; Holm over "
                                 "each unit's clauses at 5 % leaves at most 0.06 of 2 units with any")));
  Case many;
  for (int i = 0; i < 20; ++i) many.copy("triad", "triad-" + std::to_string(i));
  EXPECT_THAT(many.judge().notes, Contains(HasSubstr("leaves at most 0.10 of 2 units")));
}

}  // namespace
}  // namespace geomsu
