// What most tests of whole runs say: the faulty unit's row, and that nothing else was touched by it.
#pragma once

#include <string>

#include "tests/run/fake_run.hpp"

namespace geomsu::test {

inline const std::string kHealthy = "A-1", kFaulty = "A-2";

// Two devices, gemm and triad. `faults` are the second device's; the first is the control.
FakeRun with_faults(const std::string& faults, const std::string& device_keys = "");

void expect_row(const RunResult& run, const std::string& clause, const std::string& serial, Outcome outcome,
                Reason reason);
void expect_pass(const RunResult& run, const std::string& clause, const std::string& serial);
// All four trials have their row, the control passed both clauses, and the fake's verdict as a whole is INVALID.
void expect_the_rest_went_on(const RunResult& run);
// The same, and triad of the faulty device passed: the fault was gemm's alone.
void expect_gemm_alone(const RunResult& run, Outcome outcome, Reason reason);

}  // namespace geomsu::test
