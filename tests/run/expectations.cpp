#include "tests/run/expectations.hpp"

#include <gtest/gtest.h>

namespace geomsu::test {

FakeRun with_faults(const std::string& faults, const std::string& device_keys) {
  FakeRun run;
  run.script = script_text({device_text(kHealthy), device_text(kFaulty, faults, device_keys)});
  return run;
}

void expect_row(const RunResult& run, const std::string& clause, const std::string& serial, Outcome outcome,
                Reason reason) {
  SCOPED_TRACE(clause + " on " + serial);
  const ClauseRow& row = run.row(clause, serial);
  EXPECT_EQ(to_string(row.outcome), to_string(outcome)) << row.words;
  EXPECT_EQ(to_string(row.reason), to_string(reason)) << row.words;
  if (outcome == Outcome::kPass) {
    EXPECT_TRUE(row.lower.has_value());
  } else {
    EXPECT_NE(row.words, "");
  }
}

void expect_pass(const RunResult& run, const std::string& clause, const std::string& serial) {
  expect_row(run, clause, serial, Outcome::kPass, Reason::kNone);
}

void expect_the_rest_went_on(const RunResult& run) {
  EXPECT_TRUE(run.whole);
  EXPECT_TRUE(run.evidence.sealed);
  EXPECT_EQ(run.trials().size(), 4U);
  expect_pass(run, "gemm", kHealthy);
  expect_pass(run, "triad", kHealthy);
  EXPECT_EQ(run.verdict.simulated, "fake");
  EXPECT_EQ(run.verdict.overall, Outcome::kInvalid);
  EXPECT_EQ(run.verdict.exit_code, 2);
}

void expect_gemm_alone(const RunResult& run, Outcome outcome, Reason reason) {
  expect_the_rest_went_on(run);
  expect_pass(run, "triad", kFaulty);
  expect_row(run, "gemm", kFaulty, outcome, reason);
  EXPECT_EQ(run.clause("gemm").outcome, outcome);
  EXPECT_EQ(run.clause("triad").outcome, Outcome::kPass);
  EXPECT_EQ(run.verdict.clauses_overall, outcome);
}

}  // namespace geomsu::test
