#include "tests/run/many_trials.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace geomsu::test {
namespace fs = std::filesystem;

CommandLine many_trials(int trials) {
  std::vector<ClauseText> clauses;
  for (int i = 0; i < trials; ++i) {
    ClauseText clause = gemm_clause();
    clause.id = fmt::format("gemm-{}", i);
    clause.workload = fmt::format("{{dtype: fp32, m: {}, n: 16, k: 16, concurrency: node}}", 16 + i);
    clauses.push_back(clause);
  }
  clauses.push_back(triad_clause());
  const std::vector<std::string> devices{device_text("A-1", "", "jitter: 0"),
                                         device_text("A-2", "{kind: frozen_output, op: memory}", "jitter: 0")};
  return {script_text(devices), contract_text(clauses, {"A-1", "A-2", "A-3"}), suite_text(6, 20, 6)};
}

std::string finished_rows(const fs::path& bundle) {
  std::ifstream file(bundle / "trials.jsonl", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const std::string rows = text.str();
  const std::size_t end = rows.rfind('\n');
  return end == std::string::npos ? "" : rows.substr(0, end + 1);
}

Outcomes outcomes_of(const fs::path& bundle) {
  const Verification verified = verify(bundle);
  EXPECT_TRUE(verified.ok) << (verified.lines.empty() ? "" : verified.lines.back());
  Outcomes outcomes;
  for (const ClauseRow& row : judge(read_bundle(bundle)).rows) {
    outcomes[{row.clause, row.unit.device}] = {std::string(to_string(row.outcome)), std::string(to_string(row.reason)),
                                               row.lower.value_or(0)};
  }
  return outcomes;
}

void expect_same(const Outcomes& got, const Outcomes& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (const auto& [key, expected] : wanted) {
    SCOPED_TRACE(key.first + " on " + key.second);
    ASSERT_TRUE(got.contains(key));
    const auto& [outcome, reason, lower] = got.at(key);
    EXPECT_EQ(outcome, std::get<0>(expected));
    EXPECT_EQ(reason, std::get<1>(expected));
    EXPECT_NEAR(lower, std::get<2>(expected), 1e-4 * std::get<2>(expected));
  }
}

void expect_whole(const fs::path& bundle, const std::string& rows_before) {
  const Evidence evidence = read_bundle(bundle);
  std::set<std::pair<std::string, Unit>> planned, measured;
  for (const PlannedTrial& trial : evidence.plan.trials) {
    for (const Unit& unit : trial.units) planned.insert({trial.id, unit});
  }
  for (const Trial& trial : evidence.trials) {
    EXPECT_TRUE(measured.insert({trial.id, trial.unit}).second) << trial.id << " twice on " << trial.unit.name();
    EXPECT_EQ(trial.attempt, 1U);
  }
  EXPECT_EQ(measured, planned);
  EXPECT_EQ(finished_rows(bundle).substr(0, rows_before.size()), rows_before) << "a finished trial was lost or changed";
}

}  // namespace geomsu::test
