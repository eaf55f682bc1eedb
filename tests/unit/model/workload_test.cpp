#include "harness/model/workload.hpp"

#include <string>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

TEST(WorkloadName, HasItsKeysInOrderAndItsConcurrency) {
  const Workload gemm{"gemm", {{"n", "2048"}, {"dtype", "fp32"}, {"m", "1024"}}, Concurrency::kNode};
  EXPECT_EQ(gemm.name(), "gemm:dtype=fp32,m=1024,n=2048@node");
  EXPECT_EQ((Workload{"idle", {}, Concurrency::kAlone}.name()), "idle@alone");
}

TEST(WorkloadName, ReadsBackToTheSameWorkload) {
  const Workload all[] = {{"gemm", {{"n", "2048"}, {"dtype", "fp32"}}, Concurrency::kNode},
                          {"idle", {}, Concurrency::kAlone},
                          {"memory.triad_2", {{"a+b", "-1.5e+9"}, {"_", "."}}, Concurrency::kNode}};
  for (const Workload& workload : all) EXPECT_EQ(Workload::parse(workload.name()), workload) << workload.name();
}

TEST(WorkloadName, ReadsKeysInAnyOrderToOneName) {
  const auto workload = Workload::parse("gemm:n=1,m=2@alone");
  ASSERT_TRUE(workload);
  EXPECT_EQ(workload->name(), "gemm:m=2,n=1@alone");
}

TEST(WorkloadName, RefusesTextThatIsNoName) {
  for (const char* text : {"",
                           "gemm",
                           "@node",
                           "gemm@",
                           "gemm@floor",
                           "gemm:@node",
                           "gemm:m@node",
                           "gemm:m=@node",
                           "gemm:=1@node",
                           "gemm:m=1,@node",
                           "gemm:,m=1@node",
                           "gemm:m=1,m=1@node",
                           "gemm:m=1=2@node",
                           "gemm:m=1@node@node",
                           "gemm:m=1@node ",
                           " gemm:m=1@node",
                           "gemm:m=1, n=2@node",
                           "gemm:m=1:n=2@node",
                           "gemm:m=\xEA\xB0\x80@node",
                           "ge/mm:m=1@node",
                           "gemm:m=1\n@node",
                           "gemm:m=1@Node"}) {
    EXPECT_FALSE(Workload::parse(text)) << text;
  }
  EXPECT_FALSE(Workload::parse(std::string_view("gemm:m=1\0@node", 14)));
}

TEST(WorkloadName, IsRefusedWhereTwoWorkloadsWouldShareIt) {
  // {"m": "1,n=2"} would be named as {"m": "1", "n": "2"} is.
  EXPECT_THROW((Workload{"gemm", {{"m", "1,n=2"}}, Concurrency::kNode}.name()), Error);
  EXPECT_THROW((Workload{"gemm", {{"m", ""}}, Concurrency::kNode}.name()), Error);
  EXPECT_THROW((Workload{"", {}, Concurrency::kNode}.name()), Error);
  try {
    (void)Workload{"gemm", {{"m", "\x1b[2J"}}, Concurrency::kNode}.name();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadData);
    EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
  }
}

TEST(ConcurrencyText, ReadsBack) {
  for (const Concurrency c : {Concurrency::kAlone, Concurrency::kNode, Concurrency::kRack, Concurrency::kHall})
    EXPECT_EQ(parse_concurrency(to_string(c)), c);
  EXPECT_FALSE(parse_concurrency("floor"));
}

}  // namespace
}  // namespace geomsu
