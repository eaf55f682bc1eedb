#include "harness/measure/clock_audit.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace geomsu {
namespace {

constexpr DeviceClock kNanoseconds{"device", 1'000'000'000, 64};

// Readings a second apart of a clock that runs `rate` times the host's, counting modulo 2^bits of truth.
std::vector<protocol::ClockPair> readings(int count, double rate, std::uint32_t true_bits = 64,
                                          std::uint64_t start = 1000, double ticks_per_ns = 1) {
  std::vector<protocol::ClockPair> pairs;
  for (int i = 0; i < count; ++i) {
    const double host = 1e9 * i;
    auto ticks = start + static_cast<std::uint64_t>(std::llround(host * rate * ticks_per_ns));
    if (true_bits < 64) ticks &= (std::uint64_t{1} << true_bits) - 1;
    pairs.push_back({static_cast<std::int64_t>(host) - 50, ticks, static_cast<std::int64_t>(host) + 50});
  }
  return pairs;
}

protocol::Span span_of(std::uint64_t first, std::uint64_t last) { return {first, last, {}}; }

TEST(ClockAudit, ProvesAClockThatRunsWithTheHost) {
  const auto audit = audit_clock(kNanoseconds, readings(7, 1.0));
  EXPECT_EQ(audit.verdict, ClockAudit::Verdict::kProved);
  ASSERT_TRUE(audit.rate_ppm);
  EXPECT_NEAR(*audit.rate_ppm, 0, 1);
  EXPECT_EQ(audit.baseline_ns, 6'000'000'000);
  EXPECT_EQ(audit.uncertainty_ns, 100);
  EXPECT_EQ(audit.reason, "");
}

TEST(ClockAudit, AcceptsFourHundredAndRefusesSixHundredPpm) {
  EXPECT_EQ(audit_clock(kNanoseconds, readings(7, 1 + 400e-6)).verdict, ClockAudit::Verdict::kProved);
  EXPECT_EQ(audit_clock(kNanoseconds, readings(7, 1 - 400e-6)).verdict, ClockAudit::Verdict::kProved);
  EXPECT_EQ(audit_clock(kNanoseconds, readings(7, 1 + 600e-6)).verdict, ClockAudit::Verdict::kBroken);
  EXPECT_EQ(audit_clock(kNanoseconds, readings(7, 1 - 600e-6)).verdict, ClockAudit::Verdict::kBroken);
}

TEST(T22, AClockOffByOnePercentOrThreefoldIsBroken) {
  for (const double rate : {1.01, 0.99, 3.0, 1.0 / 3, 1.1, 0.9}) {
    const auto audit = audit_clock(kNanoseconds, readings(7, rate));
    EXPECT_EQ(audit.verdict, ClockAudit::Verdict::kBroken) << rate;
    EXPECT_NE(audit.reason.find("ppm"), std::string::npos);
  }
}

TEST(ClockAudit, WithoutFiveSecondsBetweenReadingsNothingIsProved) {
  EXPECT_EQ(audit_clock(kNanoseconds, readings(5, 1.0)).verdict, ClockAudit::Verdict::kUnproved);
  EXPECT_EQ(audit_clock(kNanoseconds, readings(6, 1.0)).verdict, ClockAudit::Verdict::kProved);
  EXPECT_EQ(audit_clock(kNanoseconds, {}).verdict, ClockAudit::Verdict::kUnproved);
  EXPECT_EQ(audit_clock(kNanoseconds, readings(1, 1.0)).verdict, ClockAudit::Verdict::kUnproved);
}

TEST(ClockAudit, ADeviceWithoutAClockIsUnprovedAndSaysSo) {
  const auto audit = audit_clock({"none", 0, 64}, readings(7, 1.0));
  EXPECT_EQ(audit.verdict, ClockAudit::Verdict::kUnproved);
  EXPECT_NE(audit.reason.find("wall time"), std::string::npos);
}

TEST(ClockAudit, AStepBackIsBroken) {
  auto pairs = readings(7, 1.0);
  pairs[3].ticks = pairs[2].ticks - 5;
  const auto audit = audit_clock(kNanoseconds, pairs);
  EXPECT_EQ(audit.verdict, ClockAudit::Verdict::kBroken);
  EXPECT_NE(audit.reason.find("back"), std::string::npos);
}

TEST(ClockAudit, AWrapWithinTheDeclaredBitsIsUndone) {
  // 32 bits of nanoseconds wrap every 4.29 s: once in these seven seconds.
  const auto audit = audit_clock({"device", 1'000'000'000, 32}, readings(7, 1.0, 32, 3'000'000'000));
  EXPECT_EQ(audit.verdict, ClockAudit::Verdict::kProved) << audit.reason;
  EXPECT_NEAR(*audit.rate_ppm, 0, 1);
}

TEST(ClockAudit, AWrapBeyondTheDeclaredBitsIsBroken) {
  // Declares 64 bits, counts 32.
  EXPECT_EQ(audit_clock(kNanoseconds, readings(7, 1.0, 32, 3'000'000'000)).verdict, ClockAudit::Verdict::kBroken);
  // Declares 32 bits, counts more.
  const auto audit = audit_clock({"device", 1'000'000'000, 32}, readings(7, 1.0, 64, 3'000'000'000));
  EXPECT_EQ(audit.verdict, ClockAudit::Verdict::kBroken);
  EXPECT_NE(audit.reason.find("32 bits"), std::string::npos);
}

TEST(ClockAudit, LargeTickCountsLoseNoPrecision) {
  const auto audit = audit_clock(kNanoseconds, readings(7, 1.0, 64, 0xFFFFFFFFFFFFFFFFULL - 3'000'000'000ULL));
  EXPECT_EQ(audit.verdict, ClockAudit::Verdict::kProved) << audit.reason;
  EXPECT_NEAR(*audit.rate_ppm, 0, 1);
}

TEST(DeviceSpans, AreTakenInNanosecondsOfTheDeclaredRate) {
  std::string why;
  const DeviceClock clock{"device", 100'000'000, 64};
  const std::vector<WallBlock> walls{{0, 505'000'000}, {600'000'000, 502'000'000}};
  const std::vector<protocol::Span> spans{span_of(100, 50'000'100), span_of(60'000'000, 110'000'000)};
  const auto ns = device_spans(clock, spans, walls, &why);
  ASSERT_TRUE(ns) << why;
  EXPECT_EQ(*ns, (std::vector<std::int64_t>{500'000'000, 500'000'000}));
}

TEST(DeviceSpans, UndoAWrapInsideABlockAndBetweenBlocks) {
  std::string why;
  const DeviceClock clock{"device", 1'000'000'000, 32};
  const std::uint64_t period = std::uint64_t{1} << 32;
  const std::vector<WallBlock> walls{{0, 500'000'000}, {3'500'000'000, 500'000'000}};
  const std::vector<protocol::Span> spans{span_of(period - 250'000'000, 250'000'000),
                                          span_of(3'250'000'000, 3'750'000'000)};
  const auto ns = device_spans(clock, spans, walls, &why);
  ASSERT_TRUE(ns) << why;
  EXPECT_EQ(*ns, (std::vector<std::int64_t>{500'000'000, 500'000'000}));
}

TEST(DeviceSpans, RefuseBackwardSpansAndBlocksThatOverlap) {
  std::string why;
  const std::vector<WallBlock> walls{{0, 500'000'000}, {600'000'000, 500'000'000}};
  EXPECT_FALSE(device_spans(kNanoseconds, std::vector{span_of(500'000'000, 100)}, walls, &why));
  EXPECT_NE(why.find("backward"), std::string::npos);
  EXPECT_FALSE(device_spans(kNanoseconds, std::vector{span_of(100, 500'000'000), span_of(400'000'000, 800'000'000)},
                            walls, &why));
  EXPECT_FALSE(device_spans(kNanoseconds, std::vector{span_of(100, 100)}, walls, &why));
}

TEST(DeviceSpans, RefuseABlockLongerThanTheHostWaited) {
  std::string why;
  const std::vector<WallBlock> walls{{0, 500'000'000}};
  EXPECT_TRUE(device_spans(kNanoseconds, std::vector{span_of(0, 506'000'000)}, walls, &why));
  EXPECT_FALSE(device_spans(kNanoseconds, std::vector{span_of(0, 508'000'000)}, walls, &why));
  EXPECT_NE(why.find("claims"), std::string::npos);
}

TEST(SpansAgree, WithinOnePercentAndTwoMilliseconds) {
  const std::vector<std::int64_t> wall{500'000'000};
  EXPECT_TRUE(spans_agree(std::vector<std::int64_t>{493'000'000}, wall));  // gap 7 ms = 5 ms + 2 ms
  EXPECT_FALSE(spans_agree(std::vector<std::int64_t>{492'999'999}, wall));
  EXPECT_FALSE(spans_agree({}, {}));
  EXPECT_FALSE(spans_agree({}, wall));
}

TEST(TakenOff, IsTheEmptySubmissionUpToOnePercentOfAnyBlock) {
  const std::vector<std::int64_t> walls{500'000'000, 100'000'000};
  EXPECT_EQ(taken_off_ns(1'000'000, walls), 1'000'000);
  EXPECT_EQ(taken_off_ns(1'000'001, walls), 0) << "the worker decides how long it is";
  EXPECT_EQ(taken_off_ns(-5, walls), 0);
  EXPECT_EQ(taken_off_ns(5, {}), 0);
}

}  // namespace
}  // namespace geomsu
