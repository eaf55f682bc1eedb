// Clauses on devices that work together: the slowest rank is judged, the members are the contract's, every rank counts.
#include <gtest/gtest.h>

#include "kernels/ops/operation.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::clause;
using sample::row;

constexpr std::int64_t kBlockNs = 200'000'000;
const Unit kNode{"node01", ""};

// The sample's gemm clauses replaced by an all_reduce over both devices, ten blocks of a thousand repeats.
struct Group : sample::Case {
  explicit Group(Scope scope = Scope::kNode) {
    const Unit unit = scope == Scope::kCluster ? kClusterUnit : kNode;
    Clause all_reduce = contract.clauses.front();
    all_reduce.id = "all-reduce";
    all_reduce.operation = "collective";
    all_reduce.quantity = "busbw";
    std::vector<ops::Problem> problems;
    all_reduce.workload = {
        "collective",
        ops::find("collective")->complete({{"kind", "all_reduce"}, {"bytes", "1048576"}, {"ranks", "2"}}, problems),
        Concurrency::kNode};
    all_reduce.scope = scope;
    all_reduce.at_least = Quantity{5e9, Dimension::kBandwidth};
    all_reduce.bar_unit = "GB/s";
    contract.clauses = {all_reduce};
    PlannedTrial planned = plan.trials.front();
    planned.workload = all_reduce.workload;
    planned.units = {unit};
    planned.members = {sample::kFirst, sample::kSecond};
    planned.clauses = {"all-reduce"};
    planned.peak.reset();
    plan.trials = {planned};
    Trial trial = trials.front();
    trial.unit = unit;
    trial.workload = all_reduce.workload.name();
    trial.work_per_repeat = 1048576;
    trial.repeats = 1000;
    trial.rank_ns.assign(2, std::vector<std::int64_t>(sample::kBlocks, kBlockNs));  // 5.24 GB/s
    set_times(trial);
    trials = {trial};
  }

  static void set_times(Trial& trial) {
    trial.device_ns = trial.rank_ns.front();
    for (const auto& rank : trial.rank_ns) {
      for (std::size_t i = 0; i < rank.size(); ++i) trial.device_ns[i] = std::max(trial.device_ns[i], rank[i]);
    }
    trial.block_ns = trial.wall_ns = trial.device_ns;
    trial.judged_by_device = true;
    trial.clock.verdict = ClockAudit::Verdict::kProved;
  }
};

TEST(GroupClause, ItsFigureIsTheBusBandwidthOfTheNode) {
  const Group group;
  const Verdict verdict = group.judge();
  const ClauseRow judged = row(verdict, "all-reduce", "node01");
  EXPECT_EQ(judged.outcome, Outcome::kPass) << judged.words;
  EXPECT_DOUBLE_EQ(judged.estimate.value(), 1048576.0 * 1000 / 0.2) << "all_reduce over two: busbw = algbw";
  EXPECT_EQ(verdict.rows.size(), 1U) << "no row of a single device";
  EXPECT_EQ(verdict.reconciliation.accepted, (std::vector<std::string>{"S-001", "S-002"}));
  EXPECT_EQ(verdict.reconciliation.tested, (std::vector<std::string>{"S-001", "S-002"}));
  EXPECT_EQ(verdict.exit_code, 0);
}

TEST(GroupClause, TimeIsLowerIsBetter) {
  Group group;
  Clause& clause = group.clause("all-reduce");
  clause.quantity = "time";
  clause.at_least.reset();
  clause.at_most = Quantity{210e-6, Dimension::kTime};
  clause.bar_unit = "us";
  EXPECT_EQ(row(group.judge(), "all-reduce", "node01").outcome, Outcome::kPass);
  clause.at_most = Quantity{190e-6, Dimension::kTime};
  EXPECT_EQ(row(group.judge(), "all-reduce", "node01").outcome, Outcome::kFail);
}

// T08: the mean over both ranks passes, the slow one does not.
TEST(T08, TheSlowestRankIsJudgedAndNamed) {
  Group group;
  group.trials[0].rank_ns[0].assign(sample::kBlocks, kBlockNs * 9 / 10);
  group.trials[0].rank_ns[1].assign(sample::kBlocks, kBlockNs * 11 / 10);
  Group::set_times(group.trials[0]);
  const ClauseRow judged = row(group.judge(), "all-reduce", "node01");
  EXPECT_EQ(judged.outcome, Outcome::kFail);
  EXPECT_NE(judged.words.find("rank 1 (node01/S-002)"), std::string::npos) << judged.words;
  EXPECT_TRUE(group.judge().reconciliation.accepted.empty());
}

TEST(T08, ARowThatIsJudgedByAFasterRankIsRefused) {
  Group group;
  group.trials[0].rank_ns[1].assign(sample::kBlocks, kBlockNs * 2);
  const ClauseRow judged = row(group.judge(), "all-reduce", "node01");
  EXPECT_EQ(judged.outcome, Outcome::kInvalid);
  EXPECT_EQ(judged.reason, Reason::kClock);
}

TEST(GroupClause, WithoutATrialTheNodeIsNotRun) {
  Group group;
  group.plan.trials.clear();
  group.trials.clear();
  const ClauseRow judged = row(group.judge(), "all-reduce", "node01");
  EXPECT_EQ(judged.outcome, Outcome::kNotRun);
  EXPECT_NE(judged.words.find("2 devices"), std::string::npos) << judged.words;
}

TEST(GroupClause, MembersAreTheContractsDevicesOfThatNode) {
  const auto outcome = [](const std::function<void(Group&)>& change) {
    Group group;
    change(group);
    return row(group.judge(), "all-reduce", "node01").outcome;
  };
  EXPECT_EQ(outcome([](Group& g) { g.plan.trials[0].members.pop_back(); }), Outcome::kInvalid) << "one of two";
  EXPECT_EQ(outcome([](Group& g) { g.plan.trials[0].members[1] = sample::kFirst; }), Outcome::kInvalid) << "one twice";
  EXPECT_EQ(outcome([](Group& g) {
              g.plan.trials[0].members[1] = {"node01", "S-777"};
            }),
            Outcome::kInvalid)
      << "a stranger";
  EXPECT_EQ(outcome([](Group& g) {
              g.plan.units.push_back(g.plan.units[1]);
              g.plan.units.back().unit.device = "S-777";  // found, and not on the list
              g.plan.trials[0].members[1] = {"node01", "S-777"};
            }),
            Outcome::kInvalid);
}

TEST(GroupClause, AClusterIsMadeOfLaunchedRanks) {
  Group group(Scope::kCluster);
  EXPECT_EQ(row(group.judge(), "all-reduce", "cluster").outcome, Outcome::kInvalid) << "devices of the node are none";
  for (const char* rank : {"r0", "r1"}) {
    PlannedUnit unit = group.plan.units.front();
    unit.unit = {"node02", rank};
    unit.launched = true;
    unit.contracted = false;
    group.plan.units.push_back(unit);
  }
  group.plan.trials[0].members = {{"node02", "r0"}, {"node02", "r1"}};
  const Verdict verdict = group.judge();
  EXPECT_EQ(row(verdict, "all-reduce", "cluster").outcome, Outcome::kPass);
  EXPECT_TRUE(std::any_of(verdict.notes.begin(), verdict.notes.end(), [](const std::string& note) {
    return note.find("not held against the delivery list") != std::string::npos;
  }));
  EXPECT_TRUE(verdict.reconciliation.uncontracted.empty()) << "ranks are no units of the delivery";
  EXPECT_EQ(verdict.reconciliation.found.size(), 2U);
  EXPECT_TRUE(verdict.reconciliation.tested.empty()) << "ranks are no units of the delivery";
}

TEST(GroupClause, DevicesThatHadNoPartAreAFinding) {
  Group group;
  PlannedUnit third = group.plan.units.front();
  third.unit = {"node01", "S-003"};
  third.device->serial = "S-003";
  group.plan.units.push_back(third);
  group.contract.delivery.units.push_back(sample::delivered("S-003", "node01"));
  const Verdict verdict = group.judge();
  EXPECT_TRUE(std::any_of(verdict.findings.begin(), verdict.findings.end(),
                          [](const Finding& finding) { return finding.code == "part_of_the_node"; }));
  EXPECT_EQ(verdict.reconciliation.accepted.size(), 2U);
}

}  // namespace
}  // namespace geomsu
