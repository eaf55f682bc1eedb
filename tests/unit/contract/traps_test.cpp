// The traps of the README that a contract alone can fall into, by their numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(T01, TheBarIsTheTargetLessTheWrittenToleranceAndNothingElse) {
  const auto exact = parse(joined(base_lines()));
  ASSERT_TRUE(exact.value);
  EXPECT_EQ(exact.value->clauses[0].bar(), 800e12);
  EXPECT_EQ(exact.value->clauses[0].tolerance_text, "0 %");
  const auto slack = parse(edited({{21, "    tolerance: 5 %"}}));
  ASSERT_TRUE(slack.value);
  EXPECT_EQ(slack.value->clauses[0].bar(), 800e12 * (1 - 0.05));
  EXPECT_EQ(slack.value->clauses[0].tolerance_text, "5 %");
  const auto ceiling = parse(edited({{20, "    at_most: 800 TFLOP/s"}, {21, "    tolerance: 5 %"}}));
  ASSERT_TRUE(ceiling.value);
  EXPECT_EQ(ceiling.value->clauses[0].bar(), 800e12 * (1 + 0.05));
}

TEST(T01, AClauseWithoutToleranceIsRefused) {
  EXPECT_THAT(errors(parse(edited({{21, "-"}})).diagnostics), Contains(HasSubstr("a clause has no 'tolerance'")));
}

TEST(T02, ABarUnderThreeQuartersOfThePeakIsWarnedOf) {
  const auto low = parse(edited({{20, "    at_least: 741 TFLOP/s"}}));  // 0.75 * 989 = 741.75
  EXPECT_TRUE(low.value);
  EXPECT_THAT(warnings(low.diagnostics),
              Contains(HasSubstr("c.yaml:20:15: warning: the bar 741 TFLOP/s is 75 % of the dense peak of h100-sxm")));
  const auto enough = parse(edited({{20, "    at_least: 742 TFLOP/s"}}));
  EXPECT_THAT(warnings(enough.diagnostics), Not(Contains(HasSubstr("of the dense peak"))));
}

TEST(T03, ABarOverTheSheetsPeakIsRefused) {
  EXPECT_THAT(errors(parse(edited({{20, "    at_least: 990 TFLOP/s"}})).diagnostics),
              Contains(HasSubstr("over the dense peak of h100-sxm")));
  EXPECT_TRUE(parse(edited({{20, "    at_least: 989 TFLOP/s"}})).value);
}

TEST(T03, ABarThatIsTheFigureOfThePreviousGenerationIsWarnedOf) {
  const auto stale = parse(edited({{7, "sku: b200-sxm"}, {20, "    at_least: 989 TFLOP/s"}}));
  EXPECT_TRUE(stale.value);
  EXPECT_THAT(warnings(stale.diagnostics),
              Contains(HasSubstr("the bar 989 TFLOP/s is the sheet figure of h100-sxm, not of b200-sxm")));
  // Another vendor's figure is no earlier generation, and a faster one cannot have been copied down.
  const auto other = parse(edited({{7, "sku: b200-sxm"}, {20, "    at_least: 1307 TFLOP/s"}}));
  EXPECT_THAT(warnings(other.diagnostics), Not(Contains(HasSubstr("the sheet figure of"))));
}

TEST(T03, ABarThatNoSheetBoundsIsCalledUnverifiable) {
  const auto nosku = parse(edited({{7, "-"}}));
  EXPECT_TRUE(nosku.value);
  EXPECT_THAT(warnings(nosku.diagnostics),
              Contains(HasSubstr("unverifiable: the contract names no sku with a sheet (gemm)")));
  const auto nocell = parse(edited({{17, "    workload: {dtype: fp64, m: 512, n: 512, k: 512, concurrency: node}"}}));
  EXPECT_THAT(warnings(nocell.diagnostics),
              Contains(HasSubstr("unverifiable: the sheet of h100-sxm has no peak 'fp64'")));
  const auto unsure = parse(edited({{7, "sku: mi300x"}, {20, "    at_least: 1000 TFLOP/s"}}));
  EXPECT_THAT(warnings(unsure.diagnostics),
              Contains(HasSubstr("unverifiable: the peak 'bf16' of mi300x has no sure source")));
}

TEST(T09, AClauseWithoutABarIsRefused) {
  EXPECT_THAT(errors(parse(edited({{20, "-"}})).diagnostics), Contains(HasSubstr("a clause has no bar")));
  EXPECT_THAT(errors(parse(edited({{20, "    at_least:"}})).diagnostics), Contains(HasSubstr("'at_least' is empty")));
  EXPECT_THAT(errors(parse(edited({{20, "    at_least: 0 TFLOP/s"}})).diagnostics),
              Contains(HasSubstr("not above zero")));
}

TEST(T10, AnEmptyScopeIsRefused) {
  const std::string words = "an empty scope is never accepted";
  EXPECT_THAT(errors(parse(edited({{9, "  units: []"}, {10, "-"}, {11, "-"}})).diagnostics),
              Contains(HasSubstr(words)));
  EXPECT_THAT(errors(parse(edited({{10, "-"}, {11, "-"}})).diagnostics), Contains(HasSubstr(words)));
  EXPECT_THAT(errors(parse(edited({{9, "  discover: false"}, {10, "-"}, {11, "-"}})).diagnostics),
              Contains(HasSubstr(words)));
  std::vector<std::string> none(base_lines().begin(), base_lines().begin() + 12);
  none.push_back("clauses: []");
  EXPECT_THAT(errors(parse(joined(none)).diagnostics), Contains(HasSubstr("there are no clauses")));
  none.back() = "clauses:";
  EXPECT_THAT(errors(parse(joined(none)).diagnostics), Contains(HasSubstr("there are no clauses")));
}

// What is printed is what is judged: the texts of the bar and the tolerance travel with the figures that they gave.
TEST(T15, TheBarIsKeptAsWrittenBesideItsValueAndUnit) {
  const auto loaded = parse(edited({{20, "    at_least: 0.8 PFLOP/s"}}));
  ASSERT_TRUE(loaded.value);
  const Clause& clause = loaded.value->clauses[0];
  EXPECT_EQ(clause.bar_text, "0.8 PFLOP/s");
  EXPECT_EQ(clause.bar_unit, "PFLOP/s");
  EXPECT_EQ(clause.at_least->value, 0.8e15);
}

TEST(T17, ZeroOperandsAreWarnedOfAndNeverTheDefault) {
  const auto zeros =
      parse(edited({{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, data: zeros, concurrency: node}"}}));
  EXPECT_THAT(warnings(zeros.diagnostics), Contains(HasSubstr("c.yaml:17:59: warning: operands of zeros")));
  const auto left_out = parse(edited({{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, concurrency: node}"}}));
  ASSERT_TRUE(left_out.value);
  EXPECT_EQ(left_out.value->clauses[0].workload.params.at("data"), "normal");
  EXPECT_THAT(warnings(left_out.diagnostics), Not(Contains(HasSubstr("zeros"))));
}

TEST(T19, AGigaIsTenToTheNinth) {
  const auto loaded = parse(edited({{20, "    at_least: 800000 GFLOP/s"}}));
  ASSERT_TRUE(loaded.value);
  EXPECT_EQ(loaded.value->clauses[0].at_least->value, 800e12);
}

TEST(T20, RuleTextIsNeverExecuted) {
  EXPECT_THAT(errors(parse(edited({{20, "    rule: throughput > 0\n    at_least: 800 TFLOP/s"}})).diagnostics),
              Contains(HasSubstr("c.yaml:20:5: error: unknown key 'rule' in a clause")));
  EXPECT_THAT(errors(parse(edited({{20, "    at_least: \"{{ peak * 0.5 }}\""}})).diagnostics),
              Contains(HasSubstr("does not begin with a number")));
  EXPECT_THAT(errors(parse(edited({{20, "    at_least: 2*400 TFLOP/s"}})).diagnostics),
              Contains(HasSubstr("c.yaml:20:15: error")));
  EXPECT_THAT(errors(parse(edited({{20, "    at_least: $(id) TFLOP/s"}})).diagnostics),
              Contains(HasSubstr("c.yaml:20:15: error")));
  // As a title such text is text.
  const auto title = parse(edited({{2, "title: \"{{ 7 * 7 }} $(id) `id`\""}}));
  ASSERT_TRUE(title.value);
  EXPECT_EQ(title.value->title, "{{ 7 * 7 }} $(id) `id`");
  EXPECT_THAT(errors(title.diagnostics), IsEmpty());
}

TEST(T21, AMedianAloneIsWarnedOf) {
  EXPECT_THAT(warnings(parse(joined(base_lines())).diagnostics),
              Contains(HasSubstr("c.yaml:19:16: warning: throughput is judged by the median alone (gemm)")));
}

TEST(T21, AMedianWithAFifthPercentileBesideItIsNot) {
  std::vector<std::string> lines = base_lines();
  lines.insert(lines.end(), base_lines().begin() + 13, base_lines().end());
  lines[25] = "  - id: tail";
  const auto twice = parse(joined(lines), 59);
  EXPECT_THAT(warnings(twice.diagnostics), Contains(HasSubstr("by the median alone (gemm, tail)")));
  lines[30] = "    statistic: p05";
  EXPECT_THAT(warnings(parse(joined(lines), 59).diagnostics), Not(Contains(HasSubstr("by the median alone"))));
  lines[28] = "    workload: {dtype: bf16, m: 1024, n: 512, k: 512, data: normal, concurrency: node}";
  EXPECT_THAT(warnings(parse(joined(lines), 59).diagnostics), Contains(HasSubstr("by the median alone (gemm)")))
      << "that of another workload says nothing of this one";
}

}  // namespace
}  // namespace geomsu::test
