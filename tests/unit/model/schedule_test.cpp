#include "harness/model/schedule.hpp"

#include <gtest/gtest.h>

#include "harness/model/budget.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(SessionStarts, AreEvenOverTheSessionsShareOfTheSpan) {
  const Sustained terms{3, 300 * kSecond};
  std::size_t all = 0;
  for (std::uint32_t session = 1; session <= 3; ++session) {
    const auto starts = session_starts(30, terms, session);
    ASSERT_EQ(starts.size(), 10U);
    all += starts.size();
    for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(starts[i], static_cast<std::int64_t>(i) * 10 * kSecond);
  }
  EXPECT_EQ(all, 30U);
}

TEST(SessionStarts, GiveWhatIsLeftOverToTheFirstSessionsAndNothingToNone) {
  const Sustained terms{3, 300 * kSecond};
  EXPECT_EQ(session_starts(8, terms, 1).size(), 3U);
  EXPECT_EQ(session_starts(8, terms, 2).size(), 3U);
  EXPECT_EQ(session_starts(8, terms, 3).size(), 2U);
  EXPECT_EQ(session_starts(2, terms, 3).size(), 0U);
  EXPECT_TRUE(session_starts(8, terms, 0).empty());
  EXPECT_TRUE(session_starts(8, terms, 4).empty());
}

TEST(Sustained, SaysItsTerms) { EXPECT_EQ(Sustained{}.words(), "sustained: 3 sessions over 300 s"); }

PlannedTrial trial(const std::string& id, std::uint32_t blocks) {
  PlannedTrial planned;
  planned.id = id;
  planned.blocks = blocks;
  planned.block_min_ns = kSecond;
  planned.warmup_ns = 2 * kSecond;
  planned.clauses = {"clause-" + id};
  return planned;
}

TEST(Budget, IsTheSumOfItsLinesAndTheSoak) {
  Plan plan;
  plan.soak_ns = 60 * kSecond;
  plan.trials = {trial("t001", 30), trial("t002", 59)};
  const Budget budget = budget_of(plan);
  ASSERT_EQ(budget.lines.size(), 2U);
  EXPECT_GE(budget.lines[0].timed_ns, 30 * kSecond);
  EXPECT_LE(budget.lines[0].timed_ns, 33 * kSecond);
  EXPECT_GE(budget.lines[0].warmup_ns, 2 * kSecond);
  EXPECT_GT(budget.lines[0].checks_ns, 0);
  EXPECT_GT(budget.lines[1].total_ns(), budget.lines[0].total_ns());
  EXPECT_EQ(budget.total_ns(), 60 * kSecond + budget.lines[0].total_ns() + budget.lines[1].total_ns());
  EXPECT_GE(budget.total_ns(), plan.expected_ns());
  EXPECT_FALSE(budget.over()) << "no suite limits it";
  EXPECT_EQ(what_to_cut(plan, budget), "");
}

TEST(Budget, OfASustainedTrialIsItsSpanAndEachSessionsWarmUp) {
  Plan plan;
  plan.trials = {trial("t001", 30)};
  plan.trials[0].sustained = Sustained{3, 600 * kSecond};
  const Budget budget = budget_of(plan);
  EXPECT_EQ(budget.lines[0].timed_ns, 600 * kSecond);
  EXPECT_GE(budget.lines[0].warmup_ns, 3 * 2 * kSecond);
  EXPECT_EQ(plan.expected_ns(), 606 * kSecond);
  plan.trials[0].sustained->span_ns = kSecond;  // too short for its blocks: they take as long as they take
  EXPECT_GE(budget_of(plan).lines[0].timed_ns, 30 * kSecond);
}

TEST(Budget, ThatIsExceededNamesTheLongestLinesToCut) {
  Plan plan;
  plan.trials = {trial("t001", 10), trial("t002", 100), trial("t003", 10)};
  plan.budget_ns = 60 * kSecond;
  const Budget budget = budget_of(plan);
  ASSERT_TRUE(budget.over());
  const std::string words = what_to_cut(plan, budget);
  EXPECT_NE(words.find("60 s allowed"), std::string::npos) << words;
  EXPECT_NE(words.find("t002 (clause-t002) takes "), std::string::npos) << words;
  EXPECT_EQ(words.find("t001"), std::string::npos) << "what need not be cut is not named: " << words;
  plan.budget_ns = 1000 * kSecond;
  EXPECT_FALSE(budget_of(plan).over());
}

}  // namespace
}  // namespace geomsu
