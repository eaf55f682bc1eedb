#include "harness/money/delay.hpp"

#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

constexpr Day kDue{20543};  // 2026-03-31, a Tuesday

DeliveryDates delivered(long after, std::optional<long> passed) {
  DeliveryDates dates;
  dates.due = kDue;
  dates.delivered = kDue.plus(after);
  if (passed) dates.passed = kDue.plus(*passed);
  return dates;
}

Delay delay(const DeliveryDates& dates, bool order_day_counts = true, long as_of = 100) {
  return delay_of(dates, {}, order_day_counts, kDue.plus(as_of));
}

TEST(Day, IsThatOfTheCalendar) {
  EXPECT_EQ(day_text(kDue), "2026-03-31");
  EXPECT_FALSE(weekend(kDue));
  EXPECT_TRUE(weekend(kDue.plus(4)));
  EXPECT_TRUE(weekend(kDue.plus(5)));
  EXPECT_FALSE(weekend(kDue.plus(6)));
  EXPECT_EQ(day_text(years_later(kDue, 5)), "2031-03-31");
  EXPECT_EQ(day_text(years_later(Day{19782}, 1)), "2025-02-28");  // of 2024-02-29
}

TEST(Delay, IsNoneWhereDeliveredInTimeHoweverLongTheInspectionTook) {
  EXPECT_EQ(delay(delivered(0, 0)).counted(), 0);
  EXPECT_EQ(delay(delivered(0, 40)).counted(), 0);
  EXPECT_EQ(delay(delivered(-30, std::nullopt)).counted(), 0);
  EXPECT_EQ(delay(delivered(0, 40)).branch, DelayBranch::kInTime);
}

TEST(Delay, OfALateDeliveryRunsFromTheDayAfterTheDueDateToThePassInspectionIncluded) {
  const Delay one = delay(delivered(1, 1));
  EXPECT_EQ(one.branch, DelayBranch::kLate);
  EXPECT_EQ(one.counted(), 1);
  EXPECT_EQ(delay(delivered(1, 15)).counted(), 15);
  EXPECT_EQ(*delay(delivered(1, 15)).from, kDue.plus(1));
}

TEST(Delay, OfACorrectionOrderedAfterTheDueDateRunsFromTheOrder) {
  DeliveryDates dates = delivered(-1, 20);
  dates.order = kDue.plus(10);
  EXPECT_EQ(delay(dates).branch, DelayBranch::kOrderAfterDue);
  EXPECT_EQ(delay(dates, true).counted(), 11);
  EXPECT_EQ(delay(dates, false).counted(), 10);
  EXPECT_EQ(*delay(dates, true).from, kDue.plus(10));
}

TEST(Delay, OfACorrectionOrderedInTimeDependsOnWhenItCameAgain) {
  DeliveryDates dates = delivered(-10, 20);
  dates.order = kDue.plus(-5);
  dates.redelivered = kDue;
  EXPECT_EQ(delay(dates).counted(), 0);
  dates.redelivered = kDue.plus(1);
  EXPECT_EQ(delay(dates).counted(), 20);
  dates.redelivered.reset();
  dates.passed.reset();
  EXPECT_EQ(delay(dates).counted(), 100);
  EXPECT_EQ(delay(dates).branch, DelayBranch::kNotDelivered);
}

TEST(Delay, OfWhatHasNotComeGrowsToTheDayOfReckoning) {
  DeliveryDates dates;
  dates.due = kDue;
  const Delay open = delay(dates, true, 7);
  EXPECT_EQ(open.branch, DelayBranch::kNotDelivered);
  EXPECT_TRUE(open.open);
  EXPECT_EQ(open.counted(), 7);
  EXPECT_EQ(delay(dates, true, 0).counted(), 0);
  EXPECT_EQ(delay(dates, true, -5).counted(), 0);
}

TEST(Delay, LeavesOutExcusedDaysOnceEachAndOnlyThoseThatCount) {
  DeliveryDates dates = delivered(5, 10);
  const auto excuse = [&](long from, long to) { dates.excused.push_back({kDue.plus(from), kDue.plus(to), "x", "y"}); };
  excuse(3, 5);
  EXPECT_EQ(delay(dates).counted(), 7);
  excuse(4, 6);
  EXPECT_EQ(delay(dates).counted(), 6);
  excuse(-20, 0);
  EXPECT_EQ(delay(dates).counted(), 6);
  excuse(9, 40);
  EXPECT_EQ(delay(dates).counted(), 4);
  excuse(-100, 100);
  EXPECT_EQ(delay(dates).counted(), 0);
  EXPECT_EQ(delay(dates).days, 10);
}

TEST(Delay, MovesTheDueDateOffADayOffOnlyWhereTheContractSaysSo) {
  DeliveryDates dates = delivered(6, 6);  // Monday, 2026-04-06
  dates.due = kDue.plus(4);               // Saturday
  Holidays holidays{true, true, {}, "clause"};
  EXPECT_EQ(delay_of(dates, holidays, true, kDue).counted(), 0);
  holidays.due_moves = false;
  EXPECT_EQ(delay_of(dates, holidays, true, kDue).counted(), 2);
  holidays = {true, true, {kDue.plus(6)}, "clause"};  // and the Monday is off too
  EXPECT_EQ(delay_of(dates, holidays, true, kDue).due, kDue.plus(7));
  holidays.weekends = false;
  EXPECT_EQ(delay_of(dates, holidays, true, kDue).due, kDue.plus(4));
}

TEST(Delay, RefusesDatesThatCannotBe) {
  EXPECT_THROW(delay(delivered(5, 4)), Error);
  DeliveryDates dates = delivered(5, 10);
  dates.order = kDue.plus(4);
  EXPECT_THROW(delay(dates), Error);
  dates.order = kDue.plus(11);
  EXPECT_THROW(delay(dates), Error);
  dates.order = kDue.plus(7);
  dates.redelivered = kDue.plus(6);
  EXPECT_THROW(delay(dates), Error);
  dates = {};
  dates.passed = kDue;
  EXPECT_THROW(delay(dates), Error);
}

TEST(Delay, SaysItsRuleInBothLanguages) {
  const Words words = delay_words(delay(delivered(1, 3)));
  EXPECT_NE(words.ko.find("2026-04-01 ~ 2026-04-03, 3일 − 면책 0일 = 3일"), std::string::npos) << words.ko;
  EXPECT_NE(words.en.find("3 days − 0 excused = 3 days"), std::string::npos) << words.en;
}

}  // namespace
}  // namespace geomsu
