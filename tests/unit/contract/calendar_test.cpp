#include "harness/contract/calendar.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace geomsu {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000, kHour = 3600 * kSecond, kDay = 24 * kHour;

TEST(Calendar, ReadsDaysThatExist) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("2026-02-28"), 20512);
  EXPECT_EQ(parse_date("2028-02-29"), 21243);
  for (const char* text : {"2026-02-29", "2026-02-30", "2026-13-01", "2026-00-01", "2026-01-00", "26-01-01",
                           "2026/01/01", "2026-1-1", "2026-01-01 ", "", "2026-01-0x"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

TEST(Calendar, WritesWhatItReads) {
  for (const char* text : {"1970-01-01", "2026-02-28", "2028-02-29", "1999-12-31"}) {
    EXPECT_EQ(date_text(*parse_date(text)), text);
  }
}

TEST(Calendar, ADayOfSeoulBeginsAt1500Utc) {
  const std::int64_t day = *parse_date("2026-03-31") * kDay;
  EXPECT_EQ(seoul_date(day + 15 * kHour - 1), "2026-03-31") << "one nanosecond before midnight in Seoul";
  EXPECT_EQ(seoul_date(day + 15 * kHour), "2026-04-01") << "midnight in Seoul";
  EXPECT_EQ(seoul_date(day), "2026-03-31") << "09:00 in Seoul";
  EXPECT_EQ(seoul_date(day + kDay - 1), "2026-04-01") << "08:59 in Seoul";
  EXPECT_EQ(seoul_day(day + 15 * kHour) - seoul_day(day + 15 * kHour - 1), 1);
}

TEST(Calendar, HoldsOverTheYearLeapDaysAndBefore1970) {
  EXPECT_EQ(seoul_date(*parse_date("2026-12-31") * kDay + 15 * kHour), "2027-01-01");
  EXPECT_EQ(seoul_date(*parse_date("2028-02-28") * kDay + 15 * kHour), "2028-02-29");
  EXPECT_EQ(seoul_date(0), "1970-01-01");
  EXPECT_EQ(seoul_date(-9 * kHour), "1970-01-01");
  EXPECT_EQ(seoul_date(-9 * kHour - 1), "1969-12-31");
}

TEST(Calendar, OverflowsAtNoMoment) {
  EXPECT_EQ(seoul_date(std::numeric_limits<std::int64_t>::max()), "2262-04-12");
  EXPECT_EQ(seoul_date(std::numeric_limits<std::int64_t>::min()), "1677-09-21");
}

}  // namespace
}  // namespace geomsu
