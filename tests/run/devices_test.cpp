// Devices that are lost, full, absent in part, exchanged, hot or shared.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

void expect_status(const RunResult& run, TrialStatus status, const std::string& words) {
  const Trial& trial = run.trial("gemm", kFaulty);
  EXPECT_EQ(to_string(trial.status), to_string(status)) << trial.reason;
  EXPECT_NE(trial.reason.find(words), std::string::npos) << trial.reason;
}

TEST(ADeviceExchangedMidway, IsInvalidByItsOtherSerial) {
  const RunResult run = with_faults("{kind: other_serial, op: memory, from_block: 5, serial: B-9}").run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  expect_row(run, "triad", kFaulty, Outcome::kInvalid, Reason::kDeviceChanged);
  const Trial& trial = run.trial("triad", kFaulty);
  EXPECT_EQ(trial.status, TrialStatus::kInvalid);
  EXPECT_NE(trial.reason.find("B-9"), std::string::npos) << trial.reason;
  EXPECT_NE(trial.reason.find(kFaulty), std::string::npos) << trial.reason;
}

TEST(ADeviceExchangedBeforeTheLastTrial, SpoilsEveryTrialFromThereOn) {
  const RunResult run = with_faults("{kind: other_serial, op: gemm, from_block: 5, serial: B-9}").run();
  expect_the_rest_went_on(run);
  expect_row(run, "gemm", kFaulty, Outcome::kInvalid, Reason::kDeviceChanged);
  EXPECT_NE(run.row("triad", kFaulty).outcome, Outcome::kPass)
      << "the exchanged device was measured under its old name";
}

TEST(ADeviceLostAtASample, IsInvalidAndOthersGoOn) {
  FakeRun fake = with_faults("{kind: device_lost, op: gemm, at_block: 6}");
  fake.suite = suite_text(8, 100, 0);
  const RunResult run = fake.run();
  expect_gemm_alone(run, Outcome::kInvalid, Reason::kDeviceError);
  expect_status(run, TrialStatus::kDeviceLost, "fallen off the bus");
  EXPECT_TRUE(run.trial("gemm", kFaulty).block_ns.empty()) << "a trial that broke has no judged times";
}

TEST(ADeviceLostInTheSoak, IsOpenedAgainForItsTrials) {
  const RunResult run = with_faults("{kind: device_lost, op: gemm, at_block: 20}").run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  expect_pass(run, "triad", kFaulty);
}

TEST(OutOfMemory, IsInvalidWithItsReason) {
  const RunResult run = with_faults("{kind: out_of_memory, op: gemm}").run();
  expect_gemm_alone(run, Outcome::kInvalid, Reason::kDeviceError);
  expect_status(run, TrialStatus::kOutOfMemory, "out of device memory");
}

TEST(AnUnsupportedOperation, FailsWhereTheContractDoesNotAllowIt) {
  const RunResult run = with_faults("{kind: unsupported, op: gemm}").run();
  expect_gemm_alone(run, Outcome::kFail, Reason::kUnsupported);
  expect_status(run, TrialStatus::kUnsupported, "not offered");
}

TEST(AnUnsupportedOperation, IsNotApplicableWhereTheContractAllowsIt) {
  FakeRun fake = with_faults("{kind: unsupported, op: gemm}");
  ClauseText lenient = gemm_clause();
  lenient.if_unsupported = "not_applicable";
  fake.contract = contract_text({lenient, triad_clause()}, {kHealthy, kFaulty});
  const RunResult run = fake.run();
  expect_the_rest_went_on(run);
  expect_row(run, "gemm", kFaulty, Outcome::kNotApplicable, Reason::kUnsupported);
  EXPECT_EQ(run.clause("gemm").outcome, Outcome::kPass);
  EXPECT_EQ(run.clause("gemm").passed, 1U);
}

// The fake transfers nothing at all: only the device that is its own peer is excused.
TEST(ATransferToAPeer, IsNotApplicableOnThatPeerItselfAndNowhereElse) {
  FakeRun fake;
  ClauseText to_first = gemm_clause();
  to_first.id = "p2p";
  to_first.measure = "transfer.bandwidth";
  to_first.workload = "{direction: p2p, peer: 0, bytes: 65536, concurrency: alone}";
  to_first.bar = "at_least: 1 GB/s";
  fake.contract = contract_text({gemm_clause(), to_first}, {kHealthy, kFaulty});
  const RunResult run = fake.run();
  expect_row(run, "p2p", kHealthy, Outcome::kNotApplicable, Reason::kUnsupported);
  EXPECT_NE(run.row("p2p", kHealthy).words.find("is this device itself"), std::string::npos);
  expect_row(run, "p2p", kFaulty, Outcome::kFail, Reason::kUnsupported);
  EXPECT_EQ(run.clause("p2p").outcome, Outcome::kFail);
}

TEST(NothingButNotApplicable, IsNotGreen) {
  FakeRun fake;
  fake.script = script_text({device_text("A-1", "{kind: unsupported}")});
  ClauseText lenient = gemm_clause();
  lenient.if_unsupported = "not_applicable";
  fake.contract = contract_text({lenient}, {"A-1"});
  const RunResult run = fake.run();
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kNotApplicable);
  EXPECT_EQ(run.verdict.exit_code, 2);
}

// A gemm is prepared twice, for one operand set and then for as many as repeats; a triad once.
TEST(APluginThatThrows, GivesAnErrorRowAndItsWorkerLivesOn) {
  FakeRun fake = with_faults("{kind: throws, slot: workload_prepare, at_call: 1}");
  fake.suite = suite_text(8, 100, 0);
  const RunResult run = fake.run();
  expect_gemm_alone(run, Outcome::kInvalid, Reason::kDeviceError);
  expect_status(run, TrialStatus::kError, "scripted fault in workload_prepare");
}

TEST(ABlockThatNeverCompletes, IsATimeout) {
  FakeRun fake = with_faults("{kind: never_completes, op: gemm, from_block: 4}");
  fake.suite = suite_text(8, 100, 0);
  const RunResult run = fake.run();
  expect_gemm_alone(run, Outcome::kInvalid, Reason::kDeviceError);
  expect_status(run, TrialStatus::kTimeout, "timeout");
}

TEST(ALeak, EndsInARowThatIsOutOfMemoryAndNotInAGreenOne) {
  // Room for gemm's operand sets, not for the triad after them.
  FakeRun fake = with_faults("{kind: leaks}", "memory_bytes: 250000");
  const RunResult run = fake.run();
  expect_the_rest_went_on(run);
  expect_row(run, "triad", kFaulty, Outcome::kInvalid, Reason::kDeviceError);
  EXPECT_EQ(run.trial("triad", kFaulty).status, TrialStatus::kOutOfMemory);
}

TEST(Throttling, IsAFindingAndItsSamplesAreKeptAndJudged) {
  const RunResult run = with_faults("{kind: throttles, op: gemm, factor: 0.5, after_s: 1}").run();
  expect_gemm_alone(run, Outcome::kFail, Reason::kTooSlow);
  const Trial& trial = run.trial("gemm", kFaulty);
  EXPECT_EQ(trial.status, TrialStatus::kOk);
  EXPECT_EQ(trial.block_ns.size(), 8U);
  EXPECT_TRUE(has_finding(trial, "throttled"));
  EXPECT_FALSE(has_finding(run.trial("gemm", kHealthy), "throttled"));
  EXPECT_NEAR(*run.row("gemm", kFaulty).estimate, 2.5e6, 0.1e6);
}

TEST(GrowingEccCounters, AreAFindingOnTheirUnit) {
  const RunResult run = with_faults("{kind: ecc, op: gemm, corrected: 3}").run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  EXPECT_TRUE(has_finding(run.trial("gemm", kFaulty), "ecc"));
  EXPECT_FALSE(has_finding(run.trial("triad", kFaulty), "ecc"));
  EXPECT_FALSE(has_finding(run.trial("gemm", kHealthy), "ecc"));
  const auto& findings = run.verdict.findings;
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.code == "ecc" && finding.text.find(kFaulty) != std::string::npos;
  }));
}

std::string finding(const Trial& trial, std::string_view code) {
  for (const Finding& finding : trial.findings) {
    if (finding.code == code) return finding.text;
  }
  return "none";
}

TEST(GrowingCounters, DuringTheSoakAreAFindingOfTheNextTrial) {
  const RunResult run =
      with_faults("{kind: ecc, at_sample: 2, corrected: 0, uncorrected: 3}, {kind: loses_nvlink, at_sample: 3}",
                  "attributes: {nvlink.links: 18}")
          .run();
  EXPECT_EQ(finding(run.trial("gemm", kFaulty), "ecc"),
            "uncorrected ECC errors grew from 0 to 3 before the trial, since the device was opened");
  EXPECT_EQ(
      finding(run.trial("gemm", kFaulty), "fault_events"),
      "fault events grew from 0 to 1 before the trial, since the device was opened; next: the kernel's log (dmesg) "
      "names them (of NVIDIA's GPUs as XID)");
  EXPECT_FALSE(has_finding(run.trial("triad", kFaulty), "ecc")) << "told once";
  EXPECT_FALSE(has_finding(run.trial("gemm", kHealthy), "ecc"));
}

TEST(GrowingCounters, AfterTheLastReadingAreAFindingOfTheNextTrial) {
  // The trial that they grow in ends before it reads its counters again.
  FakeRun fake = with_faults("{kind: ecc, op: gemm, at_block: 1, corrected: 7}, {kind: error, at_call: 3}");
  fake.suite = suite_text(8, 100, 0);
  const RunResult run = fake.run();
  const Trial& ended = run.trial("gemm", kFaulty);
  EXPECT_EQ(ended.status, TrialStatus::kError);
  EXPECT_EQ(finding(run.trial("triad", kFaulty), "ecc"),
            "corrected ECC errors grew from 0 to 7 before the trial, since trial " + ended.id + " began");
  EXPECT_FALSE(has_finding(run.trial("triad", kHealthy), "ecc"));
}

TEST(ALostLink, IsAFinding) {
  const RunResult run =
      with_faults("{kind: loses_nvlink, op: memory, from_block: 4}", "attributes: {nvlink.links: 18}").run();
  expect_the_rest_went_on(run);
  EXPECT_TRUE(has_finding(run.trial("triad", kFaulty), "fault_events"));
}

TEST(ForeignLoad, IsAFindingWhereTheClauseDoesNotForbidIt) {
  const RunResult run = with_faults("{kind: foreign_load, op: gemm, value: 0.4}").run();
  expect_the_rest_went_on(run);
  expect_pass(run, "gemm", kFaulty);
  EXPECT_TRUE(has_finding(run.trial("gemm", kFaulty), "foreign_load"));
  EXPECT_FALSE(has_finding(run.trial("gemm", kHealthy), "foreign_load"));
}

TEST(ForeignLoad, IsInvalidWhereTheClauseIsExclusive) {
  FakeRun fake = with_faults("{kind: foreign_load, op: gemm, value: 0.4}");
  ClauseText exclusive = gemm_clause();
  exclusive.more = {"exclusive: true"};
  fake.contract = contract_text({exclusive, triad_clause()}, {kHealthy, kFaulty});
  expect_gemm_alone(fake.run(), Outcome::kInvalid, Reason::kForeignLoad);
}

}  // namespace
}  // namespace geomsu::test
