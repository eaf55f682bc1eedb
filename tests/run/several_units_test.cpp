// More than one unit on a node: they start together, the weakest is judged, the missing one is missed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(UnitsOfATrial, StartAtOneInstant) {
  const RunResult run = FakeRun().run();
  for (const std::string& clause : {std::string("gemm"), std::string("triad")}) {
    const Trial& a = run.trial(clause, kHealthy);
    const Trial& b = run.trial(clause, kFaulty);
    EXPECT_EQ(a.id, b.id);
    ASSERT_TRUE(a.start_at_mono_ns && b.start_at_mono_ns);
    EXPECT_EQ(*a.start_at_mono_ns, *b.start_at_mono_ns);
    for (const Trial* trial : {&a, &b}) {
      EXPECT_GE(*trial->late_ns, 0);
      EXPECT_LE(*trial->late_ns, 1'000'000);
    }
  }
}

TEST(UnitsOfATrial, HaveEachTheirOwnOperands) {
  const RunResult run = FakeRun().run();
  EXPECT_NE(run.trial("gemm", kHealthy).digests, run.trial("gemm", kFaulty).digests);
}

TEST(AWorkloadAlone, GivesEachUnitATrialOfItsOwn) {
  FakeRun fake;
  ClauseText alone = gemm_clause();
  alone.workload = "{dtype: fp32, m: 32, n: 32, k: 32, concurrency: alone}";
  fake.contract = contract_text({alone}, {kHealthy, kFaulty});
  const RunResult run = fake.run();
  ASSERT_EQ(run.evidence.plan.trials.size(), 2U);
  EXPECT_EQ(run.trials().size(), 2U);
  EXPECT_NE(run.trial("gemm", kHealthy).id, run.trial("gemm", kFaulty).id);
  expect_pass(run, "gemm", kHealthy);
  expect_pass(run, "gemm", kFaulty);
}

TEST(AUnitThatNobodyContracted, IsListedAndNotMeasured) {
  FakeRun fake;
  fake.contract = contract_text({gemm_clause()}, {kHealthy});
  const RunResult run = fake.run();
  EXPECT_EQ(run.trials().size(), 1U);
  EXPECT_THAT(run.verdict.reconciliation.uncontracted, ElementsAre(kFaulty));
  EXPECT_THAT(run.verdict.reconciliation.found, ElementsAre(kHealthy, kFaulty));
  EXPECT_THAT(run.verdict.reconciliation.tested, ElementsAre(kHealthy));
  EXPECT_FALSE(run.has_row("gemm", kFaulty));
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kPass);
}

TEST(Reconciliation, OfSimulatedUnitsAcceptsNone) {
  const RunResult run = FakeRun().run();
  EXPECT_THAT(run.verdict.reconciliation.tested, ElementsAre(kHealthy, kFaulty));
  EXPECT_THAT(run.verdict.reconciliation.accepted, IsEmpty());
}

TEST(ASlowUnit, IsNamedByItsNodesRow) {
  FakeRun fake;
  fake.script = script_text({device_text(kHealthy, ""), device_text(kFaulty, "{kind: throttles, factor: 0.5}")});
  ClauseText node = gemm_clause();
  node.scope = "node";
  fake.contract = contract_text({node}, {kHealthy, kFaulty});
  const RunResult run = fake.run();
  EXPECT_EQ(run.clause("gemm").outcome, Outcome::kFail);
  EXPECT_NE(run.clause("gemm").words.find(kFaulty), std::string::npos) << run.clause("gemm").words;
}

}  // namespace
}  // namespace geomsu::test
