#include "harness/base/error.hpp"

#include <gtest/gtest.h>

namespace geomsu {
namespace {

TEST(ErrorText, SaysWhereWhatAndOnASecondLineWhatNext) {
  const Error error(ErrorCode::kIo, "disk is full", "a/b.json", "free space");
  EXPECT_STREQ(error.what(), "a/b.json: disk is full\nnext: free space");
  EXPECT_EQ(error.code(), ErrorCode::kIo);
  EXPECT_EQ(error.message(), "disk is full");
  EXPECT_EQ(error.where(), "a/b.json");
  EXPECT_EQ(error.next(), "free space");
}

TEST(ErrorText, LeavesOutWhatIsAbsent) {
  EXPECT_STREQ(Error(ErrorCode::kUsage, "no verb").what(), "no verb");
  EXPECT_STREQ(Error(ErrorCode::kUsage, "no verb", {}, "try --help").what(), "no verb\nnext: try --help");
}

TEST(ErrorCodes, AreThoseOfSysexitsAndOfCtrlC) {
  EXPECT_EQ(static_cast<int>(ErrorCode::kUsage), 64);
  EXPECT_EQ(static_cast<int>(ErrorCode::kBadData), 65);
  EXPECT_EQ(static_cast<int>(ErrorCode::kNoInput), 66);
  EXPECT_EQ(static_cast<int>(ErrorCode::kUnavailable), 69);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInternal), 70);
  EXPECT_EQ(static_cast<int>(ErrorCode::kCannotCreate), 73);
  EXPECT_EQ(static_cast<int>(ErrorCode::kIo), 74);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInterrupted), 130);
}

}  // namespace
}  // namespace geomsu
