// What the judge makes of trials in which a cheat was seen, and of a host with more accelerators than answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/notes.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;
using sample::kFirst;
using testing::HasSubstr;

TEST(Judge, TakesTheReasonsOfCheatsFromTheTrial) {
  const auto expect_invalid = [](const char* code, Reason reason) {
    Case run;
    Trial& trial = run.trial("t001", kFirst);
    trial.status = TrialStatus::kInvalid;
    trial.reason_code = code;
    const ClauseRow row = sample::row(run.judge(), "gemm", "node01/S-001");
    EXPECT_EQ(row.outcome, Outcome::kInvalid) << code;
    EXPECT_EQ(row.reason, reason) << code;
  };
  expect_invalid("early start", Reason::kEarlyStart);
  expect_invalid("answered late", Reason::kAnsweredLate);
  expect_invalid("replay time", Reason::kReplayTime);
  expect_invalid("host compute", Reason::kHostCompute);
}

TEST(Judge, TakesNoFigureOverTheDensePeakOfTheDatasheet) {
  Case run;
  const ClauseRow honest = sample::row(run.judge(), "gemm", "node01/S-001");
  ASSERT_TRUE(honest.lower);
  PlannedTrial& planned = run.plan.trials.front();
  ASSERT_EQ(planned.id, "t001");
  planned.peak = *honest.lower;
  EXPECT_EQ(sample::row(run.judge(), "gemm", "node01/S-001").outcome, honest.outcome) << "at the peak is not over it";
  planned.peak = *honest.lower * 0.99;
  const ClauseRow row = sample::row(run.judge(), "gemm", "node01/S-001");
  EXPECT_EQ(row.outcome, Outcome::kInvalid);
  EXPECT_EQ(row.reason, Reason::kOverPeak);
  EXPECT_THAT(row.words, HasSubstr("the dense peak of the contract's sku"));
  EXPECT_FALSE(row.lower);
}

TEST(Findings, TellOfAcceleratorsOnPciThatNoPluginAnswersFor) {
  Environment environment;
  environment.node = "node01";
  DeviceInfo first, part, host;
  first.uuid = "A", part.uuid = "B", host.uuid = "C";
  first.pci_address = part.pci_address = "0000:17:00.0";
  host.attributes = {{"kind", "host"}};
  environment.devices = {first, part, host};
  EXPECT_FALSE(more_devices_on_pci(environment)) << "nobody counted";
  environment.facts["pci.accelerators"] = "1";
  EXPECT_FALSE(more_devices_on_pci(environment));
  environment.facts["pci.accelerators"] = "2";
  Verdict verdict;
  add_environment_findings(verdict, environment);
  ASSERT_EQ(verdict.findings.size(), 1U);
  const auto finding = more_devices_on_pci(environment);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->code, "more_devices_on_pci");
  EXPECT_THAT(finding->text, HasSubstr("2 accelerators stand on the PCI bus, and the plug-ins answered for 1"));
  for (const char* odd : {"", "x", "2x", "-1"}) {
    environment.facts["pci.accelerators"] = odd;
    EXPECT_FALSE(more_devices_on_pci(environment)) << odd;
  }
}

}  // namespace
}  // namespace geomsu
