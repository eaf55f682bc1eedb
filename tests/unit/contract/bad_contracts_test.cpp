// Each row breaks one thing in a valid contract and says where the error stands and in which words.
#include "tests/unit/contract/bad_contracts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/contract_text.hpp"
#include "tests/unit/contract/good_terms.hpp"

namespace geomsu::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BadContract : public ::testing::TestWithParam<Bad> {};

TEST_P(BadContract, IsRefusedAtItsPlaceInWords) {
  const auto loaded = parse(edited(GetParam().edits));
  EXPECT_FALSE(loaded.value.has_value());
  const auto found = errors(loaded.diagnostics);
  ASSERT_THAT(found, SizeIs(GetParam().name == "ClausesNoList" ? 2 : 1)) << ::testing::PrintToString(found);
  EXPECT_THAT(found[0], HasSubstr("c.yaml:" + GetParam().at + ": error: "));
  for (const std::string& words : GetParam().words) EXPECT_THAT(found[0], HasSubstr(words));
  for (const Diagnostic& item : loaded.diagnostics) {
    EXPECT_NE(item.why, "") << item.text();
    EXPECT_NE(item.next, "") << item.text();
  }
}

INSTANTIATE_TEST_SUITE_P(Each, BadContract, ::testing::ValuesIn(bad_contracts()),
                         [](const auto& row) { return row.param.name; });
INSTANTIATE_TEST_SUITE_P(EachPlan, BadContract, ::testing::ValuesIn(bad_plans()),
                         [](const auto& row) { return row.param.name; });
INSTANTIATE_TEST_SUITE_P(EachTerm, BadContract, ::testing::ValuesIn(bad_terms()),
                         [](const auto& row) { return row.param.name; });

TEST(Contract, ThatTheTableBreaksIsValid) {
  const auto loaded = parse(joined(base_lines()));
  EXPECT_TRUE(loaded.value.has_value());
  EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
}

TEST(Contract, IsReadInItsUnusualForms) {
  for (const auto& rows : {good_contracts(), good_terms()}) {
    for (const Good& good : rows) {
      const auto loaded = parse(edited(good.edits), 59);
      EXPECT_TRUE(loaded.value) << good.name << ::testing::PrintToString(errors(loaded.diagnostics));
    }
  }
}

TEST(Contract, TellsAllErrorsAtOnceInTheOrderOfTheFile) {
  const auto loaded = parse(edited({{1, "id: A B"},
                                    {5, "date: 2026-13-01"},
                                    {11, "    - {serial: S1, node: n1}"},
                                    {12, "price: {amount: many, vat: perhaps}"},
                                    {17, "    workload: {dtype: bf16, m: 0, n: 512, k: -1, concurrency: halls}"},
                                    {20, "    at_least: 3 GB/s"},
                                    {21, "-"},
                                    {23, "    if_unsuported: fail"}}));
  EXPECT_FALSE(loaded.value.has_value());
  std::vector<std::string> places;
  for (const Diagnostic& item : loaded.diagnostics)
    places.push_back(std::to_string(item.line) + ":" + std::to_string(item.column));
  EXPECT_THAT(places, ::testing::ElementsAre("1:5", "5:7", "11:16", "12:8", "12:17", "12:28", "14:5", "14:5", "17:32",
                                             "17:46", "17:63", "20:15", "22:5"))
      << ::testing::PrintToString(errors(loaded.diagnostics));
}

TEST(Contract, RefusesABoundThatDoesNotExistAndNamesTheNumberThatWouldDo) {
  const auto loaded = parse(joined(base_lines()), 4);
  const auto found = errors(loaded.diagnostics);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], HasSubstr("c.yaml:19:16: error: no bound of the median exists at 95 % from 4 blocks"));
  EXPECT_THAT(found[0], HasSubstr("let suite 'five' take 5 blocks or more"));
  EXPECT_TRUE(parse(joined(base_lines()), 5).value.has_value());
}

TEST(Contract, RefusesAFifthPercentileOfTooFewBlocksAndNamesFiftyNine) {
  const std::string text = edited({{19, "    statistic: p05"}});
  const auto found = errors(parse(text, 58).diagnostics);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], HasSubstr("c.yaml:19:16: error: no bound of the p05 exists at 95 % from 58 blocks"));
  EXPECT_THAT(found[0], HasSubstr("let suite 'five' take 59 blocks or more (`tail_blocks: 59`)"));
  EXPECT_TRUE(parse(text, 59).value);
  Suite suite = suite_of(30);
  suite.tail_blocks = 59;
  EXPECT_TRUE(parse_contract(text, "c.yaml", &suite, nullptr, median_bound_exists).value);
  EXPECT_TRUE(parse(edited({{19, "    statistic: min"}}), 1).value) << "an observed extreme has no interval";
}

TEST(Contract, RefusesASustainedScheduleThatHasNoRoomOrTooFewBlocksASession) {
  const auto with = [](const std::string& terms) {
    return edited({{19, "    statistic: median\n    sustained: " + terms}});
  };
  EXPECT_TRUE(parse(with("{}"), 30).value);
  EXPECT_EQ(parse(with("{}"), 30).value->clauses[0].sustained, (Sustained{3, 300'000'000'000}));
  // 30 blocks of 500 ms, and what stands beside them: 21 s.
  EXPECT_TRUE(parse(with("{span: 22 s}"), 30).value);
  EXPECT_THAT(errors(parse(with("{span: 20 s}"), 30).diagnostics),
              ::testing::ElementsAre(HasSubstr("c.yaml:20:16: error: 30 blocks do not fit into the span of 20 s")));
  EXPECT_THAT(errors(parse(with("{sessions: 7}"), 30).diagnostics),
              ::testing::ElementsAre(HasSubstr("30 blocks are too few for 7 sessions")));
}

TEST(Contract, RefusesASuiteThatStopsAdaptivelyUnlessItIsADemonstrationOrAskedForInstead) {
  Suite nightly = suite_of(30);
  nightly.adaptive_min_blocks = 10;
  const auto found =
      errors(parse_contract(joined(base_lines()), "c.yaml", &nightly, nullptr, median_bound_exists).diagnostics);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], HasSubstr("c.yaml:6:8: error: the suite 'five' stops adaptively"));
  EXPECT_THAT(found[0], HasSubstr("it is no acceptance"));
  nightly.instead = true;
  EXPECT_TRUE(parse_contract(joined(base_lines()), "c.yaml", &nightly, nullptr, median_bound_exists).value);
  nightly.instead = false;
  const std::string demonstration = edited({{5, "date: 2026-02-01\ndemonstration: true"}});
  EXPECT_TRUE(parse_contract(demonstration, "c.yaml", &nightly, nullptr, median_bound_exists).value);
}

TEST(Contract, GivesATrialTheBlocksOfItsMostDemandingClause) {
  std::vector<std::string> lines = base_lines();
  for (int copy = 0; copy < 2; ++copy) lines.insert(lines.end(), base_lines().begin() + 13, base_lines().end());
  lines[25] = "  - id: tail";
  lines[30] = "    statistic: p05";
  lines[37] = "  - id: soak";
  lines[42] = "    statistic: median\n    sustained: {}";
  Suite suite = suite_of(30);
  suite.tail_blocks = 59;
  const auto loaded = parse_contract(joined(lines), "c.yaml", &suite, nullptr, median_bound_exists);
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  const auto& clauses = loaded.value->clauses;
  EXPECT_EQ(judged_blocks(suite, *loaded.value, clauses[0]), 59U);
  EXPECT_EQ(judged_blocks(suite, *loaded.value, clauses[1]), 59U);
  EXPECT_EQ(judged_blocks(suite, *loaded.value, clauses[2]), 30U) << "sustained, it is another trial";
  EXPECT_THAT(served_together(*loaded.value, clauses[0]), ::testing::ElementsAre(&clauses[0], &clauses[1]));
}

TEST(Contract, RefusesTheIdOfAnotherClause) {
  std::vector<std::string> lines = base_lines();
  for (std::size_t i = 13; i < 25; ++i) lines.push_back(base_lines()[i]);
  const auto found = errors(parse(joined(lines)).diagnostics);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0], HasSubstr("c.yaml:26:9: error: the id 'gemm' stands twice: the clause in line 14 has it"));
}

TEST(Contract, IsReadWithoutSuiteOrSheetsAndSaysWhatCouldNotBeChecked) {
  const auto loaded = parse_contract(joined(base_lines()), "c.yaml", nullptr, nullptr, nullptr);
  EXPECT_TRUE(loaded.value.has_value());
  EXPECT_THAT(warnings(loaded.diagnostics), ::testing::Contains(HasSubstr("unverifiable")));
}

}  // namespace
}  // namespace geomsu::test
