#include "harness/evidence/tick_frames.hpp"

#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <zstd.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

void expect_same(const TrialTicks& ticks) {
  const TrialTicks again = decode_ticks(encode_ticks(ticks), "ticks");
  EXPECT_EQ(again.first, ticks.first);
  EXPECT_EQ(again.last, ticks.last);
  EXPECT_EQ(again.repeat_ends, ticks.repeat_ends);
}

TEST(TickFrames, KeepEveryTickAsItWasRead) {
  expect_same({{10}, {20}, {{}}});
  expect_same({{10, 40}, {20, 90}, {{12, 15, 20}, {90}}});
}

TEST(TickFrames, KeepAClockThatWrapsStepsBackOrStands) {
  expect_same({{kMax - 5, 3}, {2, 1}, {{kMax, 0, 2}, {3, 1}}});
  expect_same({{0, kMax, 0, 1ull << 63}, {0, 0, kMax, 0}, {{0}, {kMax}, {1ull << 63}, {}}});
}

TEST(TickFrames, OfRandomTicksReadBack) {
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 200; ++round) {
    TrialTicks ticks;
    for (std::uint64_t blocks = random() % 8; blocks > 0; --blocks) {
      ticks.first.push_back(random() >> (random() % 64));
      ticks.last.push_back(random() >> (random() % 64));
      std::vector<std::uint64_t> ends(random() % 5);
      for (auto& end : ends) end = random() >> (random() % 64);
      ticks.repeat_ends.push_back(std::move(ends));
    }
    expect_same(ticks);
  }
}

TEST(TickFrames, RefuseTicksThatDoNotBelongTogether) {
  EXPECT_THROW(encode_ticks({{1, 2}, {3}, {{}, {}}}), Error);
  EXPECT_THROW(encode_ticks({{1}, {3}, {}}), Error);
  EXPECT_TRUE(has_ticks({{}, {3}, {}}));
  EXPECT_FALSE(has_ticks({}));
}

TEST(TickFrames, CutShortAreRefusedAtEveryLength) {
  const std::string frame = encode_ticks({{10, 40}, {20, 90}, {{12, 15, 20}, {90}}});
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_THROW(decode_ticks(frame.substr(0, size), "ticks"), Error) << size;
  }
  EXPECT_THROW(decode_ticks(frame + "x", "ticks"), Error);
}

std::string frame_of(const std::string& payload) {
  std::string frame(ZSTD_compressBound(payload.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), payload.data(), payload.size(), 1));
  return frame;
}

TEST(TickFrames, RefuseAPayloadThatNoEncoderMakes) {
  const auto refusal = [](const std::string& payload) {
    try {
      decode_ticks(frame_of(payload), "ticks");
    } catch (const Error& error) {
      return error.message();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refusal(std::string(1, '\0')), "accepted") << "no block at all";
  EXPECT_EQ(refusal(std::string(2, '\0')), "ticks are followed by bytes that belong to no block");
  EXPECT_EQ(refusal("\x7f"), "ticks are cut short") << "127 blocks in no bytes";
  EXPECT_EQ(refusal(""), "ticks are cut short");
  EXPECT_EQ(refusal(std::string(10, '\xff')), "ticks hold a number beyond 64 bits");
}

TEST(TickFrames, WithFlippedBitsNeverDoMoreThanRefuse) {
  const std::string frame = encode_ticks({{10, 40}, {20, 90}, {{12, 15, 20}, {90}}});
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string flipped = frame;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      decode_ticks(flipped, "ticks");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadData);
    }
  }
}

}  // namespace
}  // namespace geomsu
