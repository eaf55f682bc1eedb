// The traps that acceptance tools fall into, by their numbers, each walked into by a whole run on fake devices.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

using testing::ElementsAre;

// The same evidence as if the devices were real: for exit statuses, which simulation forces to 2.
Verdict as_if_real(const RunResult& run) {
  Plan plan = run.evidence.plan;
  plan.simulated.clear();
  const Loaded<Suite> suite = parse_suite(run.evidence.suite_yaml, "suite.yaml");
  const Loaded<Contract> contract =
      parse_contract(run.evidence.contract_yaml, "contract.yaml", &*suite.value, nullptr, &bound_exists);
  return judge(*contract.value, plan, run.evidence.plan_sha256, run.evidence.trials);
}

FakeRun one_device(const std::string& faults, const std::string& more = "", ClauseText clause = gemm_clause()) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1", faults, more)});
  fake.contract = contract_text({std::move(clause)}, {"A-1"});
  return fake;
}

TEST(T01, FivePercentUnderTheBarIsAFailWithoutAWrittenTolerance) {
  ClauseText clause = gemm_clause();
  clause.bar = "at_least: 5.25 MFLOP/s";
  const RunResult run = one_device("", "", clause).run();
  expect_row(run, "gemm", "A-1", Outcome::kFail, Reason::kTooSlow);
  EXPECT_EQ(*run.clause("gemm").at_least, 5.25e6);
}

TEST(T01, ATolerancePassesByItsNameAndIsPrinted) {
  ClauseText clause = gemm_clause();
  clause.bar = "at_least: 5.25 MFLOP/s";
  clause.tolerance = "10 %";
  const RunResult run = one_device("", "", clause).run();
  expect_pass(run, "gemm", "A-1");
  EXPECT_EQ(run.clause("gemm").tolerance_text, "10 %");
}

TEST(T04, TheBestOfTheRepeatsDoesNotCarryTheOthers) {
  const RunResult run = one_device("{kind: throttles, op: gemm, from_block: 3}").run();
  const Trial& trial = run.trial("gemm", "A-1");
  const auto [fastest, slowest] = std::minmax_element(trial.block_ns.begin(), trial.block_ns.end());
  ASSERT_LT(*fastest * 3, *slowest * 2) << "the script must leave one block fast";
  expect_row(run, "gemm", "A-1", Outcome::kFail, Reason::kTooSlow);
}

TEST(T05, ATrialThatBreaksInItsLastBlocksHasNoFigureOfTheFirst) {
  FakeRun fake = one_device("{kind: device_lost, op: gemm, at_block: 8}");
  fake.suite = suite_text(8, 100, 0);
  const RunResult run = fake.run();
  expect_row(run, "gemm", "A-1", Outcome::kInvalid, Reason::kDeviceError);
  EXPECT_FALSE(run.row("gemm", "A-1").estimate);
  EXPECT_EQ(as_if_real(run).exit_code, 2);
}

TEST(T07, TheBetterOfTwoWorkloadsDoesNotCarryTheWorse) {
  FakeRun fake;
  fake.script = "devices:\n  - {serial: A-1, speed: {memory.triad: 0.5 GB/s, memory.copy: 9 GB/s}}\n";
  ClauseText copy = triad_clause(), triad = triad_clause();
  copy.id = "copy";
  copy.workload = "{kind: copy, dtype: fp64, bytes: 65536, concurrency: node}";
  fake.contract = contract_text({copy, triad}, {"A-1"});
  const RunResult run = fake.run();
  expect_pass(run, "copy", "A-1");
  expect_row(run, "triad", "A-1", Outcome::kFail, Reason::kTooSlow);
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kFail);
}

TEST(T08, TheSlowUnitIsJudgedAndNotTheMean) {
  FakeRun fake;
  fake.script = "devices:\n  - {serial: A-1, speed: {gemm: 9 MFLOP/s}}\n  - {serial: A-2, speed: {gemm: 3 MFLOP/s}}\n";
  ClauseText device = gemm_clause(), node = gemm_clause();
  node.id = "node";
  node.scope = "node";
  fake.contract = contract_text({device, node}, {"A-1", "A-2"});
  const RunResult run = fake.run();
  EXPECT_EQ(run.trials().size(), 2U) << "one measurement serves both clauses";
  expect_pass(run, "gemm", "A-1");
  expect_row(run, "gemm", "A-2", Outcome::kFail, Reason::kTooSlow);
  for (const char* id : {"gemm", "node"}) {
    EXPECT_EQ(run.clause(id).outcome, Outcome::kFail) << id;
    EXPECT_LT(*run.clause(id).estimate, 3.1e6) << "their mean is 6 MFLOP/s and over the bar of 4";
  }
  EXPECT_EQ(run.clause("gemm").weakest.device, "A-2");
}

TEST(T10, ARunThatFindsNothingOfTheDeliveryIsNotGreen) {
  FakeRun fake;
  fake.contract = contract_text({gemm_clause()}, {"X-1"});
  const RunResult run = fake.run();
  EXPECT_TRUE(run.evidence.plan.trials.empty());
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kNotRun);
  EXPECT_EQ(as_if_real(run).exit_code, 2);
}

TEST(T11, AUnitOfTheDeliveryThatIsMissingIsMissed) {
  FakeRun fake;
  fake.contract = contract_text({gemm_clause(), triad_clause()}, {"A-1", "A-2", "A-3"});
  const RunResult run = fake.run();
  expect_pass(run, "gemm", "A-1");
  expect_pass(run, "gemm", "A-2");
  expect_row(run, "gemm", "A-3", Outcome::kNotRun, Reason::kNotFound);
  expect_row(run, "triad", "A-3", Outcome::kNotRun, Reason::kNotFound);
  EXPECT_EQ(run.clause("gemm").outcome, Outcome::kNotRun);
  EXPECT_EQ(run.clause("gemm").units, 3U);
  EXPECT_THAT(run.verdict.reconciliation.missing, ElementsAre("A-3"));
  EXPECT_EQ(as_if_real(run).overall, Outcome::kNotRun);
  EXPECT_EQ(as_if_real(run).exit_code, 2);
}

TEST(T11, AUnitThatNeverAnswersStaysInTheCount) {
  FakeRun fake = with_faults("{kind: error, slot: device_open, code: internal}");
  const RunResult run = fake.run();
  expect_the_rest_went_on(run);
  expect_row(run, "gemm", kFaulty, Outcome::kInvalid, Reason::kDeviceError);
  EXPECT_EQ(run.clause("gemm").units, 2U);
  EXPECT_EQ(as_if_real(run).exit_code, 2);
}

TEST(T12, NoFailureEndsWithStatusZero) {
  EXPECT_EQ(as_if_real(one_device("").run()).exit_code, 0);
  EXPECT_EQ(as_if_real(one_device("{kind: missing_tile}").run()).exit_code, 1);
  EXPECT_EQ(as_if_real(one_device("{kind: throttles}").run()).exit_code, 1);
  EXPECT_EQ(as_if_real(one_device("{kind: unsupported}").run()).exit_code, 1);
  EXPECT_EQ(as_if_real(one_device("{kind: out_of_memory}").run()).exit_code, 2);
  EXPECT_EQ(as_if_real(one_device("{kind: clock_3x}").run()).exit_code, 2);
  EXPECT_EQ(one_device("").run().verdict.exit_code, 2) << "simulated";
}

TEST(T13, AFastWrongAnswerIsNoPassWithANote) {
  const RunResult run = one_device("{kind: wrong_element, op: gemm}").run();
  const Trial& trial = run.trial("gemm", "A-1");
  for (const std::int64_t ns : trial.block_ns) {
    EXPECT_GT(static_cast<double>(trial.work_per_repeat * trial.repeats) / (static_cast<double>(ns) * 1e-9), 4e6)
        << "the script must be fast enough for the bar";
  }
  expect_row(run, "gemm", "A-1", Outcome::kFail, Reason::kWrongAnswer);
  EXPECT_EQ(run.clause("gemm").passed, 0U);
}

TEST(T14, ThrottledBlocksAreJudgedAndNotOnlyLogged) {
  const RunResult run = one_device("{kind: throttles, op: gemm, factor: 0.7, after_s: 1}").run();
  EXPECT_TRUE(has_finding(run.trial("gemm", "A-1"), "throttled"));
  EXPECT_EQ(run.trial("gemm", "A-1").block_ns.size(), 8U);
  EXPECT_EQ(run.trial("gemm", "A-1").block_throttle, (std::vector<std::int64_t>{1, 1, 1, 1, 1, 1, 1, 1}));
  expect_row(run, "gemm", "A-1", Outcome::kFail, Reason::kTooSlow);
}

TEST(T14, TheReportSaysHowManyBlocksWereThrottledAndSinceWhen) {
  const RunResult run = one_device("{kind: throttles, op: gemm, factor: 0.7, from_block: 6}").run();
  const Trial& trial = run.trial("gemm", "A-1");
  ASSERT_EQ(trial.block_throttle.size(), 8U);
  const auto throttled = std::count(trial.block_throttle.begin(), trial.block_throttle.end(), 1);
  ASSERT_GT(throttled, 0);
  ASSERT_LT(throttled, 8);
  const std::string words =
      fmt::format("throttled (thermal) in {} of 8 blocks, which were kept and judged: from ", throttled);
  EXPECT_TRUE(std::any_of(run.verdict.findings.begin(), run.verdict.findings.end(), [&](const Finding& finding) {
    return finding.code == "throttled" && finding.text.find(words) != std::string::npos;
  })) << words;
}

TEST(T16, TwoReadingsOfTheSameEvidenceAreTheSameBytes) {
  FakeRun fake = with_faults("{kind: throttles}");  // in both of its trials, so that the findings have an order
  const RunResult run = fake.run();
  const Verdict again = judge(read_bundle(fake.path()));
  EXPECT_EQ(verdict_json(run.verdict), verdict_json(again));
  EXPECT_EQ(verdict_jsonl(run.verdict), verdict_jsonl(again));
  Evidence reversed = read_bundle(fake.path());
  std::reverse(reversed.trials.begin(), reversed.trials.end());
  EXPECT_EQ(verdict_jsonl(judge(reversed)), verdict_jsonl(run.verdict));
  EXPECT_EQ(verdict_json(judge(reversed)), verdict_json(run.verdict));
  EXPECT_EQ(*run.evidence.verdict_json, verdict_json(again));
}

TEST(T17, OperandsAreRandomByDefaultAndNewForEachBlock) {
  const RunResult run = one_device("").run();
  const Trial& trial = run.trial("gemm", "A-1");
  EXPECT_NE(trial.workload.find("data=normal"), std::string::npos) << trial.workload;
  std::vector<std::string> digests = trial.digests;
  ASSERT_EQ(digests.size(), 8U);
  std::sort(digests.begin(), digests.end());
  EXPECT_EQ(std::unique(digests.begin(), digests.end()), digests.end()) << "two blocks had the same output";
  EXPECT_GT(trial.operand_sets, 1U);
  EXPECT_GE(trial.reseed_ns, 7'000'000)
      << "the fake takes 1 ms to refill its operands, and there are 7 blocks after the first";
}

TEST(T18, ADeviceThatOnlyAgreesWithItselfFails) {
  const RunResult run = one_device("{kind: frozen_output, op: gemm}").run();
  const Trial& trial = run.trial("gemm", "A-1");
  const auto replay =
      std::find_if(trial.checks.begin(), trial.checks.end(), [](const Check& check) { return check.name == "replay"; });
  ASSERT_NE(replay, trial.checks.end());
  EXPECT_NE(replay->detail.find("the digest came again"), std::string::npos)
      << "the script must agree with itself: " << replay->detail;
  expect_row(run, "gemm", "A-1", Outcome::kFail, Reason::kWrongAnswer);
}

TEST(T18, ResultsThatNobodyCheckedAreInvalid) {
  FakeRun fake = one_device("");
  RunResult run = fake.run();
  for (Trial& trial : run.evidence.trials) trial.checks.clear();
  EXPECT_EQ(as_if_real(run).clauses_overall, Outcome::kInvalid);
}

TEST(T19, AGigaIsTenToTheNinthFromDeviceToVerdict) {
  ClauseText clause = gemm_clause();
  clause.bar = "at_least: 0.0048 GFLOP/s";  // 5 MFLOP/s divided by 1024^3 would be 0.00466
  const RunResult run = one_device("", "jitter: 0", clause).run();
  expect_pass(run, "gemm", "A-1");
  EXPECT_NEAR(*run.row("gemm", "A-1").estimate, 5e6, 5e6 * 1e-3);
  EXPECT_EQ(run.trial("gemm", "A-1").work_per_repeat, 2U * 32 * 32 * 32);
}

TEST(T21, AFifthOfThrottledBlocksPassesTheMedianAndIsSaidBesideIt) {
  FakeRun fake = one_device("{kind: throttle_fraction, op: gemm, every: 5}");
  fake.suite = suite_text(20, 100, 6);
  const RunResult run = fake.run();
  expect_pass(run, "gemm", "A-1");
  EXPECT_TRUE(has_finding(run.trial("gemm", "A-1"), "throttled"));
  EXPECT_TRUE(std::any_of(run.verdict.findings.begin(), run.verdict.findings.end(),
                          [](const Finding& finding) { return finding.code == "throttled"; }));
}

TEST(T21, AFifthOfThrottledBlocksFailsTheFifthPercentileBesideThatMedian) {
  FakeRun fake = one_device("{kind: throttle_fraction, op: gemm, every: 5}");
  ClauseText tail = gemm_clause();
  tail.id = "tail";
  tail.statistic = "p05";
  fake.contract = contract_text({gemm_clause(), tail}, {"A-1"});
  fake.suite = suite_text(20, 100, 6) + "tail_blocks: 59\n";
  const RunResult run = fake.run();
  ASSERT_EQ(run.trials().size(), 1U) << "one trial serves both";
  EXPECT_EQ(run.trial("tail", "A-1").block_ns.size(), 59U);
  EXPECT_EQ(run.row("gemm", "A-1").n, 59U) << "the median is judged from all of them";
  expect_pass(run, "gemm", "A-1");
  expect_row(run, "tail", "A-1", Outcome::kFail, Reason::kTooSlow);
  EXPECT_EQ(run.clause("tail").statistic, "p05");
  FakeRun well = one_device("");
  well.contract = fake.contract;
  well.suite = fake.suite;
  const RunResult healthy = well.run();
  expect_pass(healthy, "tail", "A-1");
}

TEST(T22, AClockThatMayBeOffByATenthIsNotBelieved) {
  for (const char* ppm : {"100000", "-100000"}) {
    const RunResult run = one_device("{kind: clock_rate, ppm: " + std::string(ppm) + "}").run();
    expect_row(run, "gemm", "A-1", Outcome::kInvalid, Reason::kClock);
  }
}

}  // namespace
}  // namespace geomsu::test
