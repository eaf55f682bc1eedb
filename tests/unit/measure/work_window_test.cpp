// What the times around blocks give away: replays, early starts, late answers, wide windows. Times are written out.
#include "harness/measure/work_window.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "harness/measure/replay_check.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kMs = 1'000'000;
using Times = std::vector<std::int64_t>;

TEST(AReplay, UnderAQuarterOfTheFastestBlockIsRefused) {
  const Times blocks{80 * kMs, 90 * kMs};
  EXPECT_FALSE(replay_too_fast(20 * kMs, blocks));
  const auto words = replay_too_fast(20 * kMs - 1, blocks);
  ASSERT_TRUE(words);
  EXPECT_NE(words->find("answers remembered"), std::string::npos);
}

TEST(AReplay, OfBlocksThatAMessageOutlastsSaysNothing) {
  EXPECT_FALSE(replay_too_fast(1, Times{20 * kMs - 1}));
  EXPECT_TRUE(replay_too_fast(1, Times{20 * kMs}));
  EXPECT_FALSE(replay_too_fast(1, Times{}));
  EXPECT_FALSE(replay_slower(kMs * 1000, Times{}));
}

TEST(AReplay, OverOneFifthSlowerThanTheSlowestBlockIsSaid) {
  const Times blocks{80 * kMs, 100 * kMs};
  EXPECT_FALSE(replay_slower(120 * kMs, blocks));
  EXPECT_TRUE(replay_slower(121 * kMs, blocks));
}

TEST(ALoad, WhoseRepeatsAreHalfAgainAsSlowAsJudgedOnesIsSaid) {
  const Times blocks{80 * kMs, 100 * kMs};  // 10 repeats: at most 10 ms each
  EXPECT_FALSE(load_slower(15e6, 10, blocks));
  EXPECT_TRUE(load_slower(15.1e6, 10, blocks));
  EXPECT_FALSE(load_slower(15.1e6, 0, blocks));
}

TEST(AnswersOfAllSets, ThatCostAQuarterOfTheBlockMoreThanAgainWereComputedThen) {
  const Times late(10, 8 * kMs), soon(10, kMs / 2);
  EXPECT_TRUE(answered_late_by_sets(late, soon, 87 * kMs));
  EXPECT_FALSE(answered_late_by_sets(late, Times(10, 3 * kMs), 87 * kMs)) << "looking itself is slow";
  EXPECT_FALSE(answered_late_by_sets(late, soon, 400 * kMs)) << "under a quarter of the block";
  EXPECT_FALSE(answered_late_by_sets(Times(10, 2 * kMs), soon, 20 * kMs)) << "under 20 ms in all";
  EXPECT_FALSE(answered_late_by_sets(Times(2, 80 * kMs), Times(2, 1), 87 * kMs)) << "two sets have no median";
  Times stalled(10, kMs / 2);
  stalled[4] = 250 * kMs;
  EXPECT_FALSE(answered_late_by_sets(stalled, soon, 13 * kMs)) << "the host was busy once";
}

TEST(AFirstBlock, ShorterByItsLeadIsAnEarlyStart) {
  const Times others{65 * kMs, 66 * kMs, 65 * kMs};
  const auto found = early_start(35 * kMs, others, 65 * kMs, 30 * kMs);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->invalid);
  EXPECT_FALSE(early_start(50 * kMs, others, 65 * kMs, 30 * kMs));
}

TEST(AFirstBlock, ThatIsLongIsAFindingAndOnlyBesideSteadyOnes) {
  const auto found = early_start(970 * kMs, Times{1000 * kMs, 1001 * kMs}, 1000 * kMs, 30 * kMs);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->invalid);
  EXPECT_FALSE(early_start(970 * kMs, Times{1000 * kMs, 1010 * kMs}, 1000 * kMs, 30 * kMs));
}

TEST(AFirstBlock, BeforeOtherLoadCameIsNotEarlyWhereWarmUpWasAsFast) {
  EXPECT_FALSE(early_start(65 * kMs, Times{130 * kMs, 131 * kMs}, 66 * kMs, 30 * kMs));
  EXPECT_FALSE(early_start(35 * kMs, Times{}, 65 * kMs, 30 * kMs));
  EXPECT_FALSE(early_start(35 * kMs, Times{65 * kMs}, 65 * kMs, 0));
}

TEST(Answers, LateInMostBlocksAreRefused) {
  const AskedTwice late{100 * kMs, kMs, 80 * kMs}, fine{kMs, kMs, 80 * kMs};
  EXPECT_TRUE(answered_late(std::array{late, late, fine}));
  EXPECT_FALSE(answered_late(std::array{late, fine, fine})) << "one hiccup of the host";
  EXPECT_FALSE(answered_late(std::array{late, late})) << "too few to tell";
}

TEST(Answers, LateByLittleOrByAPartOfALongBlockAreNot) {
  const auto three = [](AskedTwice one) { return std::array{one, one, one}; };
  EXPECT_FALSE(answered_late(three({20 * kMs, kMs, 40 * kMs}))) << "19 ms";
  EXPECT_TRUE(answered_late(three({21 * kMs, kMs, 40 * kMs})));
  EXPECT_FALSE(answered_late(three({39 * kMs, 10 * kMs, 40 * kMs}))) << "not 4 times";
  EXPECT_FALSE(answered_late(three({60 * kMs, kMs, 1000 * kMs}))) << "a copy to the host that is kept";
}

TEST(AWindow, OverHalfOfItsBlockIsSaidInPerCent) {
  EXPECT_FALSE(hidden_window(50 * kMs, 100 * kMs, 10, 10));
  const auto words = hidden_window(60 * kMs, 100 * kMs, 64, 100);
  ASSERT_TRUE(words);
  EXPECT_NE(words->find("up to 60 %"), std::string::npos) << *words;
  EXPECT_NE(words->find("64 of 100 operand sets"), std::string::npos) << *words;
  EXPECT_NE(hidden_window(900 * kMs, 100 * kMs, 1, 1)->find("up to 100 %"), std::string::npos);
  EXPECT_FALSE(hidden_window(kMs, 0, 1, 1));
}

}  // namespace
}  // namespace geomsu
