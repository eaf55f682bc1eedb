// Devices that work together: one trial of the node, every rank checked, the faulty rank named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::vector<std::string> kSerials{"A-1", "A-2", "A-3"};

ClauseText all_reduce_clause(const std::string& more = "") {
  ClauseText clause;
  clause.id = "all-reduce";
  clause.measure = "collective.busbw";
  clause.workload = "{kind: all_reduce, bytes: 4096, ranks: 3, concurrency: node" + more + "}";
  clause.bar = "at_least: 1 kB/s";
  clause.scope = "node";
  return clause;
}

FakeRun three_devices(const std::string& faults = "", const std::vector<ClauseText>& clauses = {all_reduce_clause()}) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1"), device_text("A-2", faults), device_text("A-3")});
  fake.contract = contract_text(clauses, kSerials);
  return fake;
}

const Trial& only(const RunResult& run) {
  if (run.trials().size() != 1) throw std::runtime_error("not one trial");
  return run.trials().front();
}

TEST(AGroup, IsOneTrialOfTheNodeWithEveryRank) {
  const RunResult run = three_devices("", {gemm_clause(), all_reduce_clause()}).run();
  ASSERT_EQ(run.evidence.plan.trials.size(), 2U);
  EXPECT_THAT(run.evidence.plan.trials[1].members, SizeIs(3));
  const Trial& trial = run.trials().back();
  EXPECT_EQ(trial.status, TrialStatus::kOk) << trial.reason;
  EXPECT_EQ(trial.unit.device, "");
  ASSERT_THAT(trial.rank_ns, SizeIs(3));
  for (const auto& rank : trial.rank_ns) EXPECT_EQ(rank.size(), trial.block_ns.size());
  EXPECT_EQ(failed_checks(trial), "");
  for (const Check& check : trial.checks)
    EXPECT_GE(check.compared, check.name == "projection" ? 3U : 300U) << check.name;
  EXPECT_EQ(run.clause("all-reduce").outcome, Outcome::kPass) << run.clause("all-reduce").words;
  EXPECT_THAT(run.verdict.rows, SizeIs(4)) << "three devices of the gemm and the node";
}

TEST(AGroup, InPlaceHasASetForEachRepeat) {
  const Trial trial = only(three_devices("", {all_reduce_clause(", in_place: yes")}).run());
  EXPECT_EQ(trial.status, TrialStatus::kOk) << trial.reason;
  EXPECT_GE(trial.operand_sets, trial.repeats);
  EXPECT_EQ(failed_checks(trial), "");
}

TEST(AGroup, OfWhichARankHasNoOutputIsCheckedOnTheOthers) {
  ClauseText reduce = all_reduce_clause();
  reduce.workload = "{kind: reduce, bytes: 4096, ranks: 3, concurrency: node}";
  const Trial trial = only(three_devices("", {reduce}).run());
  EXPECT_EQ(trial.status, TrialStatus::kOk) << trial.reason;
  EXPECT_EQ(failed_checks(trial), "");
}

TEST(AGroup, AWrongElementOfOneRankFailsTheNodeAndNamesTheRank) {
  const RunResult run = three_devices("{kind: wrong_element, op: collective, index: 500}").run();
  EXPECT_EQ(run.clause("all-reduce").outcome, Outcome::kFail);
  EXPECT_EQ(run.clause("all-reduce").reason, Reason::kWrongAnswer);
  EXPECT_THAT(run.clause("all-reduce").words, HasSubstr("rank 1"));
  EXPECT_THAT(run.clause("all-reduce").words, HasSubstr("A-2"));
}

TEST(AGroup, ARankThatLacksAnothersShareIsFound) {
  const RunResult run = three_devices("{kind: missing_rank, op: collective}").run();
  EXPECT_EQ(run.clause("all-reduce").outcome, Outcome::kFail);
  EXPECT_EQ(run.clause("all-reduce").reason, Reason::kWrongAnswer);
}

TEST(AGroup, ARankThatStallsIsInvalidAndTheNextTrialRuns) {
  const RunResult run =
      three_devices("{kind: never_completes, op: collective, at_sample: 12}", {all_reduce_clause(), gemm_clause()})
          .run();
  EXPECT_EQ(run.clause("all-reduce").outcome, Outcome::kInvalid) << run.clause("all-reduce").words;
  EXPECT_EQ(run.clause("gemm").outcome, Outcome::kPass) << run.clause("gemm").words;
}

TEST(AGroup, ADeviceThatIsLostEndsTheTrial) {
  const RunResult run = three_devices("{kind: device_lost, op: collective, at_block: 9}").run();
  EXPECT_EQ(only(run).status, TrialStatus::kDeviceLost) << only(run).reason;
  EXPECT_EQ(run.clause("all-reduce").outcome, Outcome::kInvalid);
}

TEST(AGroup, OfMoreDevicesThanThereAreIsNotRun) {
  ClauseText four = all_reduce_clause();
  four.workload = "{kind: all_reduce, bytes: 4096, ranks: 4, concurrency: node}";
  const RunResult run = three_devices("", {gemm_clause(), four}).run();
  EXPECT_EQ(run.clause("all-reduce").outcome, Outcome::kNotRun);
  EXPECT_THAT(run.clause("all-reduce").words, HasSubstr("4 devices"));
}

TEST(AGroup, OfFewerDevicesThanTheNodeHasIsAFinding) {
  ClauseText two = all_reduce_clause();
  two.workload = "{kind: all_reduce, bytes: 4096, ranks: 2, concurrency: node}";
  const RunResult run = three_devices("", {two}).run();
  EXPECT_THAT(run.verdict.findings, testing::Contains(testing::Field(&Finding::code, "part_of_the_node")));
}

}  // namespace
}  // namespace geomsu::test
