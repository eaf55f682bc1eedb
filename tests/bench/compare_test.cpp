// Turns, repeats, ratios: on scripted times.
#include "bench/peers/compare.hpp"

#include <set>

#include <gtest/gtest.h>

#include "bench/peers/print.hpp"

namespace geomsu::bench {
namespace {

TEST(Interleave, EverySideHasOneBlockARoundInAnOrderThatChanges) {
  std::string order;
  std::size_t pauses = 0;
  const std::vector<TimeBlock> sides{[&] { return order += 'a', 1.0; }, [&] { return order += 'b', 2.0; },
                                     [&] { return order += 'c', 3.0; }};
  const auto times = interleave(sides, 40, 7, [&] { ++pauses; });
  ASSERT_EQ(3u, times.size());
  EXPECT_EQ(std::vector<double>(40, 2.0), times[1]);
  EXPECT_EQ(120u, pauses);
  std::set<std::string> orders;
  for (std::size_t round = 0; round < 40; ++round) {
    const std::string three = order.substr(3 * round, 3);
    EXPECT_EQ((std::set<char>{'a', 'b', 'c'}), std::set<char>(three.begin(), three.end())) << three;
    orders.insert(three);
  }
  EXPECT_EQ(6u, orders.size());  // each of the six orders in 40 rounds
  const std::string first = order;
  order.clear();
  interleave(sides, 40, 7, [] {});
  EXPECT_EQ(first, order);
  order.clear();
  interleave(sides, 40, 8, [] {});
  EXPECT_NE(first, order);
}

TEST(Repeats, AreAsManyAsLastABlock) {
  for (const double each : {1.0, 17.0, 999.0, 1000.0, 5e9}) {
    const auto repeats = repeats_for([&](std::uint64_t n) { return each * static_cast<double>(n); }, 1000);
    EXPECT_GE(each * static_cast<double>(repeats), 1000) << each;
    EXPECT_LE(repeats, 1 + static_cast<std::uint64_t>(1000 / each * 1.2)) << each;
  }
}

TEST(Repeats, HaveAnEndWhereTimeStandsStill) {
  EXPECT_EQ(1u << 20, repeats_for([](std::uint64_t) { return 0.0; }, 1000));
  EXPECT_EQ(1u << 20,
            repeats_for([](std::uint64_t n) { return n == 1 ? 400.0 : 0.0; }, 1000));  // from 3: no power of 16
}

TEST(Compare, APeerThatTakesTwiceAsLongGivesTwo) {
  const std::vector<SideResult> sides{{"abi", "", "", {5, 6, 7, 8, 9, 10}},
                                      {"worker", "", "no worker", {}},
                                      {"peer", "", "", {10, 12, 14, 16, 18, 20}}};
  const auto found = compare(sides);
  ASSERT_EQ(1u, found.size());
  EXPECT_EQ("abi", found[0].side);
  EXPECT_EQ(2.0, found[0].ratio.ratio);
  EXPECT_EQ(2.0, found[0].ratio.lower);
  EXPECT_EQ(6u, found[0].ratio.pairs);
}

TEST(Compare, NothingIsComparedWithoutAPeer) {
  EXPECT_TRUE(compare({{"abi", "", "", {1, 1, 1, 1, 1, 1}}}).empty());
  EXPECT_TRUE(compare({{"abi", "", "", {1, 1, 1, 1, 1, 1}}, {"peer", "", "gone", {}}}).empty());
  EXPECT_TRUE(compare({}).empty());
}

TEST(Goal, IsReachedByTheWholeIntervalOrItIsOpen) {
  EXPECT_EQ(Reached::kYes, reached({1.0, 0.98, 1.1, 31}, 0.98));
  EXPECT_EQ(Reached::kOpen, reached({1.0, 0.97, 1.1, 31}, 0.98));
  EXPECT_EQ(Reached::kOpen, reached({0.9, 0.8, 0.98, 31}, 0.98));
  EXPECT_EQ(Reached::kNo, reached({0.9, 0.8, 0.97, 31}, 0.98));
}

TEST(Print, NamesWhatWasLeftOutAndWhatBroke) {
  PairResult left, broken;
  left.name = "gemm int8 2048";
  left.sides = {{"abi", "", "no int8 here", {}}};
  broken.name = "gemm fp32 1024";
  broken.failed = "its process ended";
  const std::string table =
      table_head() + table_rows(left) + table_rows(broken) + table_foot({"the command", "", "", 0, 0, 31, 200, 1});
  EXPECT_NE(std::string::npos, table.find("left out: no int8 here")) << table;
  EXPECT_NE(std::string::npos, table.find("failed: its process ended")) << table;
  EXPECT_NE(std::string::npos, table.find("the command")) << table;
  const std::string json = json_of({left, broken}, {});
  EXPECT_NE(std::string::npos, json.find(R"("left_out": "no int8 here")")) << json;
  EXPECT_NE(std::string::npos, json.find(R"("failed": "its process ended")")) << json;
}

}  // namespace
}  // namespace geomsu::bench
