#include "harness/protocol/framing.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu::protocol {
namespace {

std::vector<std::string> all(LineBuffer& buffer) {
  std::vector<std::string> lines;
  while (auto line = buffer.pop()) lines.push_back(*line);
  return lines;
}

TEST(LineBuffer, CutsLinesWhereverTheBytesWereSplit) {
  const std::string stream = "first\n\nsecond line\nlast without end";
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    LineBuffer buffer(100);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      buffer.push(std::string_view(stream).substr(at, step));
      for (auto& line : all(buffer)) lines.push_back(line);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"first", "", "second line"})) << step;
    EXPECT_EQ(buffer.partial(), "last without end");
    EXPECT_FALSE(buffer.overflowed());
  }
}

TEST(LineBuffer, NothingInNothingOut) {
  LineBuffer buffer(10);
  buffer.push("");
  EXPECT_EQ(buffer.pop(), std::nullopt);
  EXPECT_EQ(buffer.partial(), "");
}

TEST(LineBuffer, TakesALineOfExactlyTheLimit) {
  LineBuffer buffer(5);
  buffer.push("12345\n");
  EXPECT_EQ(buffer.pop(), "12345");
  EXPECT_FALSE(buffer.overflowed());
}

TEST(LineBuffer, OneByteOverTheLimitOverflowsWithOrWithoutAnEnd) {
  LineBuffer ended(5), open(5);
  ended.push("123456\nafter\n");
  open.push("123");
  open.push("456");
  for (LineBuffer* buffer : {&ended, &open}) {
    EXPECT_TRUE(buffer->overflowed());
    EXPECT_EQ(buffer->pop(), std::nullopt);
    EXPECT_EQ(buffer->partial(), "12345");
    buffer->push("\nmore\n");
    EXPECT_EQ(buffer->pop(), std::nullopt) << "nothing after it can be trusted";
  }
}

TEST(LineBuffer, LinesBeforeAnOverflowStillCome) {
  LineBuffer buffer(4);
  buffer.push("ok\nfar too long\nlost\n");
  EXPECT_EQ(all(buffer), std::vector<std::string>{"ok"});
  EXPECT_TRUE(buffer.overflowed());
}

TEST(LineBuffer, KeepsTheBeginningOfAnOverlongLineAndNoMore) {
  LineBuffer buffer(1u << 20);
  const std::string chunk(1u << 16, 'z');
  for (int i = 0; i < 20; ++i) buffer.push(chunk);
  EXPECT_TRUE(buffer.overflowed());
  EXPECT_EQ(buffer.partial().size(), 4096u);
}

TEST(LineBuffer, ManyLinesDoNotAddUpToALongOne) {
  LineBuffer buffer(8);
  std::size_t seen = 0;
  for (int i = 0; i < 100'000; ++i) {
    buffer.push("1234567\n123");
    buffer.push("4567\n");
    seen += all(buffer).size();
  }
  EXPECT_EQ(seen, 200'000u);
  EXPECT_FALSE(buffer.overflowed());
}

TEST(LineBuffer, BytesOfAnyValuePass) {
  LineBuffer buffer(10);
  buffer.push(std::string_view("\0\xFF\r\n", 4));
  EXPECT_EQ(buffer.pop(), std::string("\0\xFF\r", 3));
}

}  // namespace
}  // namespace geomsu::protocol
