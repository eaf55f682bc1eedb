// The table of cases, and what becomes of it on a plug-in.
#include <set>

#include <gmock/gmock.h>

#include "bench/kernels/runner.hpp"
#include "bench/peers/pairs.hpp"

namespace geomsu::bench {
namespace {
using testing::HasSubstr;
using testing::StartsWith;

// Empty, or why not: "not offered" is what an operation says of what is to come.
std::string complaint(const ops::Operation& operation, const ops::Params& params) {
  std::vector<ops::Problem> problems;
  operation.complete(params, problems);
  return problems.empty() || problems.front().rule.find("not offered") != std::string::npos ? ""
                                                                                            : problems.front().rule;
}

TEST(Cases, EveryOperationHasCasesInTheTable) {
  std::set<std::string_view> rows;
  for (const auto& row : case_table()) {
    EXPECT_FALSE(row.cases.empty()) << row.operation;
    EXPECT_TRUE(rows.insert(row.operation).second) << row.operation << " stands twice";
    EXPECT_NE(nullptr, ops::find(row.operation)) << row.operation;
  }
  for (const auto* operation : ops::all()) {
    EXPECT_TRUE(rows.contains(operation->name())) << "add a row for " << operation->name() << " to kernels/cases.cpp";
  }
}

TEST(Cases, EveryCaseIsUnderstoodByItsOperation) {
  for (const auto& row : case_table()) {
    ASSERT_NE(nullptr, ops::find(row.operation)) << row.operation;
    for (const Case& one : row.cases) EXPECT_EQ("", complaint(*ops::find(row.operation), one.params)) << row.operation;
  }
}

TEST(Cases, EveryChoiceOfDtypeLayoutAndKindIsMeasured) {
  for (const auto& [operation, key] : {std::pair{"gemm", "dtype"},
                                       {"gemm", "layout"},
                                       {"gemm", "accumulate"},
                                       {"memory", "kind"},
                                       {"collective", "kind"},
                                       {"collective", "dtype"},
                                       {"transfer", "direction"},
                                       {"memory", "dtype"}}) {
    std::set<std::string> met;
    for (const auto& row : case_table()) {
      if (row.operation != operation) continue;
      for (const Case& one : row.cases) {
        std::vector<ops::Problem> problems;
        const auto complete = ops::find(operation)->complete(one.params, problems);
        const auto& from = complete.contains(key) ? complete : one.params;
        met.insert(from.at(key));
      }
    }
    for (const auto& spec : ops::find(operation)->params()) {
      if (spec.key != key) continue;
      for (const auto& choice : spec.choices)
        EXPECT_TRUE(met.contains(choice)) << operation << " " << key << " " << choice;
    }
  }
}

TEST(Cases, AnOperationWithoutARowIsASkippedCaseThatSaysSo) {
  const auto backend = Backend::load(GEOMSU_FAKE_PLUGIN, {});
  const auto cases = cases_of(*backend, {});
  ASSERT_EQ(ops::all().size(), cases.size());
  EXPECT_EQ("fake/none/gemm", cases.front().name);
  EXPECT_THAT(cases.front().refusal, HasSubstr("no cases of gemm: add a row"));
}

TEST(Cases, EveryDeviceHasEachCaseAndAGroupHasItOnce) {
  const auto backend = Backend::load(GEOMSU_FAKE_PLUGIN, {{"devices", "3"}});
  const ops::Params params{{"dtype", "fp32"}, {"m", "8"}, {"n", "8"}, {"k", "8"}};
  const auto cases = cases_of(*backend, {{"gemm", {{"small", params}, {"small", params, true}}}});
  ASSERT_EQ(3u + 1u + ops::all().size() - 1, cases.size());
  EXPECT_THAT(cases[1].name, StartsWith("fake/1/small/gemm:"));
  EXPECT_EQ(std::vector<std::uint32_t>{1}, cases[1].devices);
  EXPECT_THAT(cases[3].name, StartsWith("fake/all/small/gemm:"));
  EXPECT_EQ((std::vector<std::uint32_t>{0, 1, 2}), cases[3].devices);
}

TEST(Cases, NoTwoCasesOfAPluginShareAName) {
  const auto backend = Backend::load(GEOMSU_FAKE_PLUGIN, {});
  std::set<std::string> names;
  for (const auto& one : cases_of(*backend, case_table())) EXPECT_TRUE(names.insert(one.name).second) << one.name;
}

TEST(Workloads, AWrongElementIsFoundAndARightOneIsNot) {
  const auto backend = Backend::load(GEOMSU_FAKE_PLUGIN, {});
  std::vector<ops::Problem> problems;
  const auto& gemm = *ops::find("gemm");
  const auto params = gemm.complete({{"dtype", "fp32"}, {"m", "24"}, {"n", "16"}, {"k", "8"}}, problems);
  auto prepared = InsideWorkload::prepare(*backend, {0}, gemm, params, 2);
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<InsideWorkload>>(prepared));
  auto& work = *std::get<std::unique_ptr<InsideWorkload>>(prepared);
  EXPECT_FALSE(work.reseed(5).has_value());
  const auto ran = work.run(5);
  ASSERT_TRUE(std::holds_alternative<Block>(ran));
  EXPECT_EQ(5u, work.state().repeats);
  EXPECT_EQ(2u, work.state().operand_sets);
  EXPECT_EQ(std::nullopt, work.wrong(9));
}

TEST(Workloads, ACounterThatWrapsWithinItsBitsGivesItsSpan) {
  EXPECT_EQ(300, span_ns(0xFFFFFF9C, 200, {"device", 1'000'000'000, 32}));
  EXPECT_EQ(2e9, span_ns(5, 7, {"device", 1, 64}));
  EXPECT_EQ(1.0, span_ns(~0ULL, 0, {"device", 1'000'000'000, 64}));
}

TEST(Workloads, OperandSetsAreBoundedByCountAndMemory) {
  std::vector<ops::Problem> problems;
  const auto& gemm = *ops::find("gemm");
  const auto square = [&](const char* n) {
    return gemm.complete({{"dtype", "fp32"}, {"m", n}, {"n", n}, {"k", n}}, problems);
  };
  EXPECT_EQ(8u, wanted_sets(gemm, square("64")));
  EXPECT_EQ(5u, wanted_sets(gemm, square("4096")));  // 192 MiB each
  EXPECT_EQ(1u, wanted_sets(gemm, square("32768")));
  const auto& memory = *ops::find("memory");
  EXPECT_EQ(1u, wanted_sets(memory, memory.complete({{"kind", "copy"}, {"bytes", "4096"}}, problems)));
}

TEST(Pairs, EveryPairIsUnderstoodHasAGoalAndAPeerAndANameOfItsOwn) {
  std::set<std::string> names;
  for (const Pair& pair : pair_table()) {
    EXPECT_TRUE(names.insert(pair.name).second) << pair.name;
    EXPECT_EQ(pair.operation == "gemm" ? 0.98 : 0.95, pair.goal) << pair.name;
    EXPECT_NE(nullptr, pair.bare) << pair.name;
    ASSERT_NE(nullptr, ops::find(pair.operation)) << pair.name;
    EXPECT_EQ("", complaint(*ops::find(pair.operation), pair.params)) << pair.name;
    EXPECT_EQ(&pair, find_pair(pair.name));
  }
  EXPECT_EQ(nullptr, find_pair("gemm"));
}

}  // namespace
}  // namespace geomsu::bench
