// The one extension that a plan may declare: measured in the same stretch where the planned blocks leave a clause
// undecided, and nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

// Ten blocks and ten more, of devices at 5 MFLOP/s whose blocks jitter by some per cent about it.
FakeRun at_bar(const std::string& bar, const std::string& jitter = "jitter: 0.05") {
  FakeRun fake;
  ClauseText clause = gemm_clause();
  clause.bar = bar;
  fake.script = script_text({device_text("A-1", "", jitter), device_text("A-2", "", jitter)});
  fake.contract = contract_text({clause}, {"A-1", "A-2"});
  fake.suite = suite_text(10) + "extension: 10\n";
  fake.adjust_plan = [](Plan& plan, Environment&) {
    for (PlannedTrial& trial : plan.trials) trial.extension = 10;
  };
  return fake;
}

TEST(AnExtension, IsMeasuredWhereTheBoundsStraddleTheBar) {
  FakeRun fake = at_bar("at_least: 5 MFLOP/s");
  const RunResult run = fake.run();
  for (const char* serial : {"A-1", "A-2"}) {
    const Trial& trial = run.trial("gemm", serial);
    ASSERT_EQ(trial.block_ns.size(), 20U) << run.row("gemm", serial).words;
    EXPECT_EQ(trial.wall_ns.size(), 20U);
    EXPECT_EQ(trial.digests.size(), 20U);
    EXPECT_EQ(trial.block_at_ns.size(), 20U);
    EXPECT_GT(trial.block_at_ns[10], trial.block_at_ns[9]);
    EXPECT_EQ(failed_checks(trial), "");
    EXPECT_EQ(run.row("gemm", serial).look, 2U);
    EXPECT_EQ(run.row("gemm", serial).n, 20U);
  }
  EXPECT_EQ(run.evidence.plan.trials[0].extension, 10U) << "plan.json keeps it";
  EXPECT_EQ(run.clause("gemm").looks, 2U);
  EXPECT_TRUE(verify(fake.path()).ok);
}

TEST(AnExtension, IsNotMeasuredWhereThePlannedBlocksDecide) {
  for (const char* bar : {"at_least: 4 MFLOP/s", "at_least: 6 MFLOP/s"}) {
    const RunResult run = at_bar(bar).run();
    EXPECT_EQ(run.trial("gemm", "A-1").block_ns.size(), 10U) << bar;
    EXPECT_EQ(run.row("gemm", "A-1").look, 1U);
    EXPECT_NE(run.row("gemm", "A-1").outcome, Outcome::kInconclusive);
  }
}

TEST(AnExtension, OfOneUnitIsNoneOfAnother) {
  FakeRun fake = at_bar("at_least: 5 MFLOP/s");
  fake.script =
      script_text({device_text("A-1", "", "jitter: 0.05"),
                   "  - {serial: A-2, uuid: uuid-A-2, speed: {gemm: 9 MFLOP/s, memory: 1 GB/s}, faults: []}\n"});
  const RunResult run = fake.run();
  EXPECT_EQ(run.trial("gemm", "A-1").block_ns.size(), 20U);
  EXPECT_EQ(run.trial("gemm", "A-2").block_ns.size(), 10U);
  expect_pass(run, "gemm", "A-2");
}

TEST(AnExtension, ThatTheSuiteDoesNotHaveIsRefused) {
  FakeRun fake = at_bar("at_least: 4 MFLOP/s");
  fake.suite = suite_text(10);
  EXPECT_THROW(fake.run(), Error);
}

}  // namespace
}  // namespace geomsu::test
