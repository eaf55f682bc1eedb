// Units beside each other: outliers, racks that are busy together, populations of medians, bundles of a lot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/lot_row.hpp"
#include "harness/judge/unit_row.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;
using sample::kFirst;
using sample::kSecond;
using sample::rates;
using sample::set_rates;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

void expect(const ClauseRow& row, Outcome outcome, Reason reason) {
  EXPECT_EQ(row.outcome, outcome) << to_string(row.outcome) << ": " << row.words;
  EXPECT_EQ(row.reason, reason) << to_string(row.reason) << ": " << row.words;
}

// Nine units of which the last is half as fast again as the others, whose speeds differ a little.
struct Fleet : Case {
  Fleet() {
    std::erase_if(contract.clauses, [](const Clause& clause) { return clause.id != "gemm"; });
    contract.delivery.units.clear();
    plan.units.clear();
    plan.trials.resize(1);
    plan.trials[0].clauses = {"gemm"};
    plan.trials[0].block_min_ns = 1;
    plan.trials[0].units.clear();
    const Trial sample_trial = trials.front();
    trials.clear();
    for (int i = 0; i < 9; ++i) {
      const Unit unit{"node01", "S-00" + std::to_string(i + 1)};
      contract.delivery.units.push_back(sample::delivered(unit.device, unit.node));
      PlannedUnit planned;
      planned.unit = unit;
      planned.found = planned.contracted = true;
      planned.device = sample::environment().devices[0];
      plan.units.push_back(planned);
      plan.trials[0].units.push_back(unit);
      Trial trial = sample_trial;
      trial.unit = unit;
      set_rates(trial, rates({{10, i == 8 ? 180e9 : 120e9 + i * 0.1e9}}));
      trials.push_back(trial);
    }
  }
};

TEST(Outliers, AreFindingsAndChangeNoVerdict) {
  const Verdict verdict = Fleet().judge();
  ASSERT_EQ(verdict.fleet.size(), 1U);
  const FleetFigure& figure = verdict.fleet[0];
  EXPECT_EQ(figure.units, 9U);
  EXPECT_NEAR(figure.median, 120.4e9, 1e4);
  EXPECT_NEAR(figure.most, 180e9, 1e4);
  ASSERT_EQ(figure.outliers.size(), 1U);
  EXPECT_EQ(figure.outliers[0].unit.device, "S-009");
  EXPECT_GT(*figure.outliers[0].robust_z, 5);
  EXPECT_NEAR(*figure.outliers[0].distance, 0.495, 0.01);
  EXPECT_EQ(verdict.overall, Outcome::kPass);
  EXPECT_THAT(verdict.findings, ElementsAre(Field(&Finding::code, "outlier")));
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("node01/S-009 in gemm: its median 180.0 GFLOP/s lies outside"));
}

TEST(Outliers, AreWhatTheClauseMakesOfThemAndNothingGetsBetter) {
  Fleet run;
  run.clause("gemm").outliers = OutlierRule::kInconclusive;
  Verdict verdict = run.judge();
  expect(sample::row(verdict, "gemm", "node01/S-009"), Outcome::kInconclusive, Reason::kOutlier);
  expect(sample::row(verdict, "gemm", "node01/S-001"), Outcome::kPass, Reason::kNone);
  EXPECT_EQ(verdict.exit_code, 2);
  EXPECT_EQ(verdict.reconciliation.accepted.size(), 8U);
  run.clause("gemm").outliers = OutlierRule::kFail;
  expect(sample::row(run.judge(), "gemm", "node01/S-009"), Outcome::kFail, Reason::kOutlier);
  run.clause("gemm").outliers = OutlierRule::kInconclusive;
  set_rates(run.trials.back(), rates({{10, 50e9}}));  // too slow, and an outlier
  expect(sample::row(run.judge(), "gemm", "node01/S-009"), Outcome::kFail, Reason::kTooSlow);
  run.clause("gemm").scope = Scope::kNode;
  run.clause("gemm").outliers = OutlierRule::kFail;
  set_rates(run.trials.back(), rates({{10, 180e9}}));
  expect(sample::row(run.judge(), "gemm", "node01"), Outcome::kFail, Reason::kOutlier);
}

TEST(Outliers, AreNoneOfFewerThanThreeUnitsNorOfEqualOnes) {
  EXPECT_THAT(Case().judge().fleet, IsEmpty());
  Fleet equal;
  for (Trial& trial : equal.trials) set_rates(trial, rates({{10, 120e9}}));
  const Verdict verdict = equal.judge();
  ASSERT_EQ(verdict.fleet.size(), 1U);
  EXPECT_EQ(verdict.fleet[0].mad, 0);
  EXPECT_THAT(verdict.fleet[0].outliers, IsEmpty());
  EXPECT_EQ(verdict.fleet[0].medoid, kFirst) << "of equal ones the first by name";
}

TEST(UnitMedians, AreAFinitePopulationWhoseFigureIsExact) {
  Fleet run;
  Clause& clause = run.clause("gemm");
  clause.scope = Scope::kLot;
  clause.of = "unit_medians";
  const auto with = [&](const char* statistic, double bar) {
    clause.statistic = statistic;
    clause.at_least->value = bar;
    return sample::row(run.judge(), "gemm", "lot");
  };
  const ClauseRow median = with("median", 120e9);
  expect(median, Outcome::kPass, Reason::kNone);
  EXPECT_NEAR(*median.estimate, 120.4e9, 1e4);
  EXPECT_EQ(*median.lower, *median.upper);
  EXPECT_EQ(median.n, 9U);
  EXPECT_EQ(median.p_fail, std::nullopt);
  expect(with("median", 121e9), Outcome::kFail, Reason::kTooSlow);
  expect(with("min", 120e9), Outcome::kPass, Reason::kNone);
  EXPECT_NEAR(*with("max", 120e9).estimate, 180e9, 1e4);
  EXPECT_NEAR(*with("p05", 120e9).estimate, 120.04e9, 1e5) << "between the first and the second, 0.4 of the way";
  run.trials[3].status = TrialStatus::kDeviceLost;
  expect(with("median", 1e9), Outcome::kInvalid, Reason::kDeviceError);
  run.trials.erase(run.trials.begin() + 3);
  expect(with("median", 1e9), Outcome::kNotRun, Reason::kNotMeasured);
}

TEST(Together, OneNodesEvidenceDoesNotShowARackOrAHall) {
  Case run;
  run.clause("gemm").workload.concurrency = Concurrency::kRack;
  run.plan.trials[0].clauses = {"node-gemm", "gemm-per-won"};
  PlannedTrial rack = run.plan.trials[0];
  rack.id = "t003";
  rack.workload = run.clause("gemm").workload;
  rack.clauses = {"gemm"};
  run.plan.trials.push_back(rack);
  for (const Unit& unit : {kFirst, kSecond}) run.trials.push_back(sample::trial(run.plan, "t003", unit, 120e9));
  Verdict verdict = run.judge();
  expect(sample::row(verdict, "gemm", "node01/S-001"), Outcome::kInvalid, Reason::kNotTogether);
  EXPECT_THAT(sample::row(verdict, "gemm", "node01/S-001").words, HasSubstr("does not say what stands in its rack"));
  for (DeliveredUnit& unit : run.contract.delivery.units) unit.rack = "R1";
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, Outcome::kPass) << "it is the whole rack";
  DeliveredUnit other = sample::delivered("S-003", "node02");
  other.rack = "R1";
  run.environment.utc_synchronised = true;
  run.contract.delivery.units.push_back(other);
  verdict = run.judge();
  expect(sample::row(verdict, "gemm", "node01/S-001"), Outcome::kInvalid, Reason::kNotTogether);
  EXPECT_THAT(sample::row(verdict, "gemm", "node01/S-001").words, HasSubstr("there is no measurement of node02"));
}

TEST(Together, NodesAreWhereTheirWindowsOverlapAndTheirClocksAgree) {
  Case run;
  run.clause("gemm").workload.concurrency = Concurrency::kHall;
  run.contract.delivery.units = {sample::delivered("S-001", "node01"), sample::delivered("S-002", "node02")};
  std::vector<BundleJudgement> bundles(2);
  bundles[0].node = "node01";
  bundles[0].windows = {{0, 0, 100}};
  bundles[1].node = "node02";
  bundles[1].windows = {{0, 5, 105}};
  for (BundleJudgement& bundle : bundles) bundle.utc_synchronised = true;
  EXPECT_THAT(together_doubts(run.contract, bundles), IsEmpty());
  bundles[1].windows[0].from_ns = 20;
  bundles[1].windows[0].to_ns = 120;
  EXPECT_EQ(together_doubts(run.contract, bundles).size(), 2U) << "80 % of the time";
  bundles[1].windows[0] = {0, 500, 600};
  EXPECT_THAT(together_doubts(run.contract, bundles)[0].words, HasSubstr("busy together for 0 % of the time"));
  bundles[1].windows[0] = bundles[0].windows[0];
  bundles[1].utc_synchronised = false;
  EXPECT_EQ(together_doubts(run.contract, bundles).size(), 2U);
}

// The same two units as one bundle of two nodes, and as a bundle each.
TEST(Bundles, OfALotSayTogetherWhatOneBundleOfAllSays) {
  Case whole;
  const auto move = [](Unit& unit) {
    if (unit.device == "S-002") unit.node = "node02";
  };
  for (PlannedUnit& unit : whole.plan.units) move(unit.unit);
  for (PlannedTrial& trial : whole.plan.trials) {
    for (Unit& unit : trial.units) move(unit);
  }
  for (Trial& trial : whole.trials) move(trial.unit);
  whole.contract.delivery.units[1].node = "node02";
  set_rates(whole.trials[1], rates({{1, 110e9}, {9, 90e9}}));
  const BundleJudgement all = whole.bundle();

  std::vector<BundleJudgement> parts;
  for (const char* node : {"node01", "node02"}) {
    Case part = whole;
    part.plan.node = node;
    std::erase_if(part.plan.units, [&](const PlannedUnit& unit) { return unit.unit.node != node; });
    for (PlannedTrial& trial : part.plan.trials)
      std::erase_if(trial.units, [&](const Unit& unit) { return unit.node != node; });
    std::erase_if(part.trials, [&](const Trial& trial) { return trial.unit.node != node; });
    JudgeInput input = part.input();
    input.own_node_only = true;
    parts.push_back(judge_bundle(input));
  }
  std::size_t rows = 0;
  for (const BundleJudgement& part : parts) {
    for (const ClauseRow& row : part.verdict.rows) {
      ++rows;
      const ClauseRow& same = sample::row(all.verdict, row.clause, row.unit.name());
      EXPECT_EQ(row.outcome, same.outcome);
      EXPECT_EQ(row.words, same.words);
      EXPECT_EQ(row.p_fail, same.p_fail);
    }
  }
  EXPECT_EQ(rows, all.verdict.rows.size());
  for (std::size_t place = 0; place < whole.contract.clauses.size(); ++place) {
    const Clause& clause = whole.contract.clauses[place];
    ClauseTally tally = parts[1].tallies[place];
    tally.add(clause, parts[0].tallies[place]);
    const ClauseSummary together = summarise(whole.contract, clause, tally);
    const ClauseSummary& one = all.verdict.clauses[place];
    EXPECT_EQ(together.outcome, one.outcome) << clause.id;
    EXPECT_EQ(together.weakest, one.weakest) << clause.id;
    EXPECT_EQ(together.passed, one.passed) << clause.id;
    EXPECT_EQ(together.level, one.level) << clause.id;
  }
  EXPECT_DOUBLE_EQ(parts[0].false_fails.raw + parts[1].false_fails.raw, all.false_fails.raw);
}

TEST(Bundles, LeaveUnitsOfOtherNodesAndThoseFoundElsewhereToThem) {
  Case run;
  run.contract.delivery.units.push_back(sample::delivered("S-003", "node02"));
  run.contract.delivery.units.push_back(sample::delivered("S-004", "node01"));
  JudgeInput input = run.input();
  EXPECT_THAT(judge_bundle(input).verdict.reconciliation.missing, ElementsAre("S-003", "S-004"));
  input.own_node_only = true;
  EXPECT_THAT(judge_bundle(input).verdict.reconciliation.missing, ElementsAre("S-004"));
  const Names elsewhere{"S-004"};
  input.found_elsewhere = &elsewhere;
  EXPECT_THAT(judge_bundle(input).verdict.reconciliation.missing, IsEmpty());
  const Plan nothing = [] {
    Plan plan;
    plan.node = "node02";
    return plan;
  }();
  JudgeInput absent;
  absent.contract = &run.contract;
  absent.plan = &nothing;
  absent.own_node_only = true;
  const BundleJudgement judgement = judge_bundle(absent);
  EXPECT_THAT(judgement.verdict.reconciliation.missing, ElementsAre("S-003"));
  expect(sample::row(judgement.verdict, "node-gemm", "node02"), Outcome::kNotRun, Reason::kNotFound);
}

TEST(Bundles, HaveNoRowOfASampledClauseWhereTheNodeWasNotDrawn) {
  Case run;
  run.clause("gemm").inspection = Inspection::kSampled;
  const Names drawn{"node07"};
  JudgeInput input = run.input();
  input.drawn = &drawn;
  const BundleJudgement judgement = judge_bundle(input);
  EXPECT_EQ(judgement.tallies[0].units, 0U);
  EXPECT_EQ(judgement.tallies[1].units, 2U) << "screening wants every unit";
  input.drawn = nullptr;
  EXPECT_EQ(judge_bundle(input).tallies[0].units, 2U);
}

}  // namespace
}  // namespace geomsu
