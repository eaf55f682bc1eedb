// Devices whose clocks lie, and one whose clock only wraps.
#include <gtest/gtest.h>

#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

void expect_broken_clock(const RunResult& run, const std::string& clause, const std::string& words) {
  expect_the_rest_went_on(run);
  expect_row(run, clause, kFaulty, Outcome::kInvalid, Reason::kClock);
  const Trial& trial = run.trial(clause, kFaulty);
  EXPECT_EQ(trial.status, TrialStatus::kInvalid);
  EXPECT_EQ(trial.reason_code, "clock");
  EXPECT_EQ(trial.clock.verdict, ClockAudit::Verdict::kBroken);
  EXPECT_NE(trial.reason.find(words), std::string::npos) << trial.reason;
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kInvalid);
}

TEST(AClockThatRunsAtAThird, MakesItsUnitInvalidAndNeverThreeTimesAsFast) {
  const RunResult run = with_faults("{kind: clock_3x}").run();
  expect_broken_clock(run, "gemm", "ppm off the host's");
  expect_broken_clock(run, "triad", "ppm off the host's");
}

TEST(AClockThatRunsAtAThirdOnlyWhileItIsMeasured, IsNotDilutedByTheRestOfTheSession) {
  expect_broken_clock(with_faults("{kind: clock_3x, op: memory}").run(), "triad", "ppm off the host's");
}

TEST(AClockOffByOnePercent, IsBroken) {
  expect_broken_clock(with_faults("{kind: clock_rate, ppm: 10000}").run(), "gemm", "ppm off the host's");
  expect_broken_clock(with_faults("{kind: clock_rate, ppm: -10000}").run(), "gemm", "ppm off the host's");
}

TEST(AClockWithinFourHundredPartsInAMillion, IsBelieved) {
  const RunResult run = with_faults("{kind: clock_rate, ppm: 400}").run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  EXPECT_TRUE(run.trial("gemm", kFaulty).judged_by_device);
}

TEST(AClockThatStepsBack, IsBroken) {
  expect_broken_clock(with_faults("{kind: clock_backward, op: memory, at_block: 5}").run(), "triad", "back");
}

// Two to the 32nd nanoseconds go by in 4.3 s: the soak alone wraps the counter.
TEST(AClockThatWrapsWithinItsBits, IsFine) {
  const RunResult run = with_faults("", "clock: {valid_bits: 32, start_ticks: 4294000000}").run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  expect_pass(run, "triad", kFaulty);
  EXPECT_TRUE(run.trial("gemm", kFaulty).judged_by_device);
  EXPECT_EQ(run.trial("gemm", kFaulty).clock.verdict, ClockAudit::Verdict::kProved);
}

TEST(AClockThatWrapsBeyondItsBits, IsBroken) {
  const RunResult run = with_faults("{kind: clock_wraps, bits: 31}", "clock: {valid_bits: 64}").run();
  expect_the_rest_went_on(run);
  expect_row(run, "gemm", kFaulty, Outcome::kInvalid, Reason::kClock);
  EXPECT_EQ(run.trial("gemm", kFaulty).clock.verdict, ClockAudit::Verdict::kBroken);
}

// The counter itself is honest and the span is not: what the host waited is judged, so it gains nothing.
TEST(ASpanShorterThanTheBlock, IsNotJudged) {
  FakeRun fake = with_faults("{kind: short_span, fraction: 0.33}");
  ClauseText demanding = gemm_clause();
  demanding.bar = "at_least: 6 MFLOP/s";  // over the 5 that both have, under the 15 that one claims
  fake.contract = contract_text({demanding, triad_clause()}, {kHealthy, kFaulty});
  const RunResult run = fake.run();
  expect_row(run, "gemm", kFaulty, Outcome::kFail, Reason::kTooSlow);
  expect_row(run, "gemm", kHealthy, Outcome::kFail, Reason::kTooSlow);
  expect_pass(run, "triad", kHealthy);
  const Trial& trial = run.trial("gemm", kFaulty);
  EXPECT_FALSE(trial.judged_by_device);
  EXPECT_TRUE(has_finding(trial, "wall_time_judged"));
  EXPECT_LT(trial.device_ns.front() * 2, trial.block_ns.front());
}

// A claim of less time than passed cannot be hidden in a session too short to prove the clock either.
TEST(AClockWithoutABaseline, IsReplacedByTheHostsWallTime) {
  FakeRun fake = with_faults("{kind: clock_3x}");
  fake.suite = suite_text(8, 100, 0);
  fake.contract = contract_text({gemm_clause()}, {kHealthy, kFaulty});
  const RunResult run = fake.run();
  expect_pass(run, "gemm", kHealthy);
  for (const std::string& serial : {kHealthy, kFaulty}) {
    const Trial& trial = run.trial("gemm", serial);
    EXPECT_FALSE(trial.judged_by_device);
    EXPECT_TRUE(has_finding(trial, "wall_time_judged"));
    EXPECT_LT(*run.row("gemm", serial).estimate, 5.1e6) << "three times real speed was believed";
  }
}

}  // namespace
}  // namespace geomsu::test
