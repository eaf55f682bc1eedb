#include "harness/base/clock.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu {
namespace {

TEST(FakeClockTime, MovesOnlyWhenTold) {
  FakeClock clock(5, 100);
  EXPECT_EQ(clock.raw_ns(), 5);
  EXPECT_EQ(clock.mono_ns(), 5);
  EXPECT_EQ(clock.utc_ns(), 105);
  clock.advance(3);
  EXPECT_EQ(clock.mono_ns(), 8);
  EXPECT_EQ(clock.utc_ns(), 108);
  clock.sleep_until_mono(20);
  EXPECT_EQ(clock.raw_ns(), 20);
}

TEST(FakeClockTime, NeverGoesBack) {
  FakeClock clock(100);
  clock.advance_to(50);
  clock.sleep_until_mono(99);
  clock.advance(-10);
  EXPECT_EQ(clock.mono_ns(), 100);
}

TEST(FakeClockTime, LosesNoStepOfSeveralThreads) {
  FakeClock clock(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&clock] {
      for (int k = 0; k < 10'000; ++k) clock.advance(1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clock.mono_ns(), 40'000);
}

TEST(SystemClockTime, DoesNotWakeBeforeTheInstant) {
  SystemClock clock;
  for (const std::int64_t ahead : {-1'000'000, 0, 50'000, 1'000'000}) {
    const std::int64_t instant = clock.mono_ns() + ahead;
    clock.sleep_until_mono(instant);
    EXPECT_GE(clock.mono_ns(), instant);
  }
}

TEST(SystemClockTime, NeverRunsBackward) {
  SystemClock clock;
  std::int64_t raw = clock.raw_ns(), mono = clock.mono_ns();
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t next_raw = clock.raw_ns(), next_mono = clock.mono_ns();
    ASSERT_GE(next_raw, raw);
    ASSERT_GE(next_mono, mono);
    raw = next_raw;
    mono = next_mono;
  }
}

TEST(UtcText, IsIsoWithMilliseconds) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(1'795'307'757'123'999'999), "2026-11-22T00:35:57.123Z");
  EXPECT_EQ(utc_text(951'782'400'000'000'000), "2000-02-29T00:00:00.000Z");  // 2000 is a leap year
  EXPECT_EQ(utc_text(951'868'799'999'000'000), "2000-02-29T23:59:59.999Z");
  EXPECT_EQ(utc_text(951'868'800'000'000'000), "2000-03-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(4'107'542'400'000'000'000), "2100-03-01T00:00:00.000Z");  // 2100 is none
  EXPECT_EQ(utc_text(4'107'542'399'000'000'000), "2100-02-28T23:59:59.000Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace geomsu
