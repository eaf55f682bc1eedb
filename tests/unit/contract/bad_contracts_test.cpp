// Each row breaks one thing in a valid contract and says where the error stands and in which words.
#include "tests/unit/contract/bad_contracts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/contract_text.hpp"

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

TEST(Contract, ThatTheTableBreaksIsValid) {
  const auto loaded = parse(joined(base_lines()));
  EXPECT_TRUE(loaded.value.has_value());
  EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
}

TEST(Contract, IsReadInItsUnusualForms) {
  for (const Good& good : good_contracts()) {
    const auto loaded = parse(edited(good.edits));
    EXPECT_TRUE(loaded.value) << good.name << ::testing::PrintToString(errors(loaded.diagnostics));
  }
}

TEST(Contract, TellsAllErrorsAtOnceInTheOrderOfTheFile) {
  const auto loaded = parse(edited({{1, "id: A B"},
                                    {5, "date: 2026-13-01"},
                                    {11, "    - {serial: S1, node: n1}"},
                                    {12, "price: {amount: many, vat: perhaps}"},
                                    {17, "    workload: {dtype: bf16, m: 0, n: 512, k: -1, concurrency: hall}"},
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
