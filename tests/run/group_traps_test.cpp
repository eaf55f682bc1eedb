// Traps that need several ranks: the maximum over message sizes, and the mean over ranks.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/ops/collective.hpp"
#include "tests/run/expectations.hpp"

namespace geomsu::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const std::vector<std::string> kSerials{"A-1", "A-2", "A-3", "A-4"};
constexpr double kBusFactor = 1.5;  // of an all-reduce of 4 ranks: 2 (n - 1) / n

ClauseText busbw_clause(const std::string& id, std::uint64_t bytes, const std::string& bar) {
  ClauseText clause;
  clause.id = id;
  clause.measure = "collective.busbw";
  clause.workload = fmt::format("{{kind: all_reduce, bytes: {}, ranks: 4, concurrency: node}}", bytes);
  clause.bar = "at_least: " + bar;
  clause.scope = "node";
  return clause;
}

// Four ranks with a latency, so that figures grow with the size as they do; `speeds` a rank each, faults of the last.
std::string ranks_of(const std::vector<std::string>& speeds, const std::string& faults = "") {
  std::vector<std::string> devices;
  for (std::size_t i = 0; i < speeds.size(); ++i) {
    devices.push_back(fmt::format(
        "  - {{serial: {0}, uuid: uuid-{0}, speed: {{{1}}}, latency: {{collective: 2e-6}}, faults: [{2}]}}\n",
        kSerials[i], speeds[i], i + 1 == speeds.size() ? faults : ""));
  }
  return script_text(devices);
}

TEST(T07, TheBestMessageSizeDoesNotCarryASlowOneBetween) {
  FakeRun fake;
  const std::string speed = "collective: 4 GB/s, collective.all_reduce@16384: 0.5 GB/s";
  fake.script = ranks_of({speed, speed, speed, speed});
  const std::string bar = "1.5 GB/s";
  fake.contract = contract_text({busbw_clause("busbw-4k", 4096, bar), busbw_clause("busbw-16k", 16384, bar),
                                 busbw_clause("busbw-64k", 65536, bar)},
                                kSerials);
  const RunResult run = fake.run();
  ASSERT_THAT(run.trials(), SizeIs(3)) << "a trial for each size";
  EXPECT_EQ(run.clause("busbw-4k").outcome, Outcome::kPass) << run.clause("busbw-4k").words;
  EXPECT_EQ(run.clause("busbw-64k").outcome, Outcome::kPass) << run.clause("busbw-64k").words;
  EXPECT_EQ(run.clause("busbw-16k").outcome, Outcome::kFail) << run.clause("busbw-16k").words;
  EXPECT_EQ(run.clause("busbw-16k").reason, Reason::kTooSlow);
  EXPECT_GT(*run.clause("busbw-64k").estimate, 1.5e9) << "the maximum over the sizes is beyond the bar of all";
  EXPECT_LT(*run.clause("busbw-16k").estimate, *run.clause("busbw-4k").estimate);
  EXPECT_EQ(run.verdict.clauses_overall, Outcome::kFail);
}

TEST(T08, TheSlowestRankIsJudgedAndNotTheMeanOfThem) {
  FakeRun fake;
  const std::string speed = "collective: 4 GB/s";
  fake.script = ranks_of({speed, speed, "collective: 2 GB/s", speed});
  fake.contract = contract_text({busbw_clause("busbw", 65536, "4.5 GB/s")}, kSerials);
  const RunResult run = fake.run();
  ASSERT_THAT(run.trials(), SizeIs(1));
  const Trial& trial = run.trials().front();
  ASSERT_THAT(trial.rank_ns, SizeIs(4)) << trial.reason;
  double mean = 0;
  for (const auto& rank : trial.rank_ns) {
    std::vector<std::int64_t> ns = rank;
    std::sort(ns.begin(), ns.end());
    mean +=
        kBusFactor * 65536 * static_cast<double>(trial.repeats) / (static_cast<double>(ns[ns.size() / 2]) * 1e-9) / 4;
  }
  EXPECT_GT(mean, 4.5e9) << "the script's mean over the ranks must pass the bar";
  const ClauseSummary& clause = run.clause("busbw");
  EXPECT_EQ(clause.outcome, Outcome::kFail) << clause.words;
  EXPECT_EQ(clause.reason, Reason::kTooSlow);
  EXPECT_LT(*clause.estimate, 3.1e9);
  EXPECT_THAT(clause.words, HasSubstr("rank 2"));
  EXPECT_THAT(clause.words, HasSubstr("A-3"));
}

TEST(T08, ARankThatThrottlesWithoutAWordIsJudgedToo) {
  FakeRun fake;
  const std::string speed = "collective: 4 GB/s";
  fake.script = ranks_of({speed, speed, speed, speed}, "{kind: throttle_fraction, factor: 0.5, silent: true}");
  fake.contract = contract_text({busbw_clause("busbw", 65536, "4.5 GB/s")}, kSerials);
  const RunResult run = fake.run();
  EXPECT_EQ(run.clause("busbw").outcome, Outcome::kFail) << run.clause("busbw").words;
  EXPECT_EQ(run.clause("busbw").reason, Reason::kTooSlow);
  EXPECT_THAT(run.clause("busbw").words, HasSubstr("rank 3"));
  EXPECT_THAT(run.clause("busbw").words, HasSubstr("A-4"));
}

TEST(T22, ASlowRankIsNoFasterByAClockOfItsOwnThatLies) {
  FakeRun fake;
  const std::string speed = "collective: 4 GB/s";
  fake.script = ranks_of({speed, speed, speed, "collective: 2 GB/s"}, "{kind: clock_3x}");
  fake.contract = contract_text({busbw_clause("busbw", 65536, "4.5 GB/s")}, kSerials);
  const RunResult run = fake.run();
  const ClauseSummary& clause = run.clause("busbw");
  EXPECT_NE(clause.outcome, Outcome::kPass) << "by its own clock the slow rank is the fastest: " << clause.words;
  EXPECT_LT(clause.estimate.value_or(0), 3.1e9);
}

}  // namespace
}  // namespace geomsu::test
