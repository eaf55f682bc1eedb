#include "harness/base/log.hpp"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace geomsu {
namespace {

using ::testing::ElementsAre;

TEST(LogLines, AreDroppedWithoutASink) {
  Log log;
  log.error("nobody listens");
}

TEST(LogLines, CarryTheTimeAndTheLevel) {
  FakeClock clock(0, 0);
  std::vector<std::string> lines;
  Log log([&](LogLevel, std::string_view line) { lines.emplace_back(line); }, clock, LogLevel::kInfo);
  log.debug("unseen");
  log.info("first");
  clock.advance(1'500'000'000);
  log.warning("second");
  log.error("third");
  EXPECT_THAT(lines, ElementsAre("1970-01-01T00:00:00.000Z info: first", "1970-01-01T00:00:01.500Z warning: second",
                                 "1970-01-01T00:00:01.500Z error: third"));
}

TEST(LogLines, GoNowhereWhenQuiet) {
  FakeClock clock;
  int lines = 0;
  Log log([&](LogLevel, std::string_view) { ++lines; }, clock, LogLevel::kQuiet);
  log.error("unseen");
  log.write(LogLevel::kQuiet, "unseen");
  EXPECT_EQ(lines, 0);
}

TEST(LogLines, HandTheLevelToTheSink) {
  std::vector<std::pair<LogLevel, std::string>> lines;
  Log log([&](LogLevel level, std::string_view line) { lines.emplace_back(level, line); });
  log.debug("a");
  log.error("b");
  EXPECT_THAT(lines, ElementsAre(std::pair(LogLevel::kDebug, "a"), std::pair(LogLevel::kError, "b")));
}

TEST(LogLines, AreCutAtNewlinesAndEscapedSoThatAWorkerCannotForgeOne) {
  std::vector<std::string> lines;
  Log log([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  log.info("one\ntwo\x1b[2J\n");
  EXPECT_THAT(lines, ElementsAre("one", "two\\x1b[2J"));
}

TEST(LogLines, NeverMixBetweenThreads) {
  std::vector<std::string> lines;  // guarded by the log's own lock
  Log log([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 500; ++i) log.info(std::string(40, static_cast<char>('a' + t)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(lines.size(), 2000u);
  for (const std::string& line : lines) EXPECT_EQ(line, std::string(40, line.at(0)));
}

}  // namespace
}  // namespace geomsu
