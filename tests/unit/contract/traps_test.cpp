// The traps of the README that a contract alone can fall into, by their numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
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

TEST(T01, NoOtherKeyGivesSlackAndBetweenHasNoneEither) {
  for (const std::string key : {"slack", "margin", "allowance", "tolerance_pct"}) {
    EXPECT_THAT(errors(parse(edited({{21, "    tolerance: 0 %\n    " + key + ": 10 %"}})).diagnostics),
                Contains(HasSubstr("c.yaml:22:5: error: unknown key '" + key + "' in a clause")));
  }
  const auto between = parse(edited({{20, "    between: [800 TFLOP/s, 900 TFLOP/s]"}}));
  ASSERT_TRUE(between.value);
  EXPECT_EQ(between.value->clauses[0].low_bar(), 800e12);
  EXPECT_EQ(between.value->clauses[0].high_bar(), 900e12);
}

TEST(T02, ABarUnderThreeQuartersOfThePeakIsWarnedOf) {
  const auto low = parse(edited({{20, "    at_least: 741 TFLOP/s"}}));  // 0.75 * 989 = 741.75
  EXPECT_TRUE(low.value);
  EXPECT_THAT(warnings(low.diagnostics),
              Contains(HasSubstr("c.yaml:20:15: warning: the bar 741 TFLOP/s is 75 % of the dense peak of h100-sxm")));
  const auto enough = parse(edited({{20, "    at_least: 742 TFLOP/s"}}));
  EXPECT_THAT(warnings(enough.diagnostics), Not(Contains(HasSubstr("of the dense peak"))));
}

// Two parts, and units of both.
Edits two_skus(const std::string& clause_sku, const std::string& bar) {
  return {{7, "skus: [h100-sxm, b200-sxm]"},
          {10, "    - {serial: S1, node: n1, sku: h100-sxm}"},
          {11, "    - {serial: S2, node: n1, sku: b200-sxm}"},
          {18, "    scope: device" + (clause_sku.empty() ? "" : "\n    sku: " + clause_sku)},
          {20, "    at_least: " + bar}};
}

TEST(T02, ABarIsHeldAgainstThePeakOfEverySkuThatItIsFor) {
  const auto both = parse(edited(two_skus("", "800 TFLOP/s")));
  EXPECT_TRUE(both.value) << ::testing::PrintToString(errors(both.diagnostics));
  EXPECT_THAT(warnings(both.diagnostics), Contains(HasSubstr("is 36 % of the dense peak of b200-sxm")));
  const auto one = parse(edited(two_skus("h100-sxm", "800 TFLOP/s")));
  EXPECT_TRUE(one.value) << ::testing::PrintToString(errors(one.diagnostics));
  EXPECT_THAT(warnings(one.diagnostics), Not(Contains(HasSubstr("of the dense peak"))));
}

TEST(T03, ABarOverThePeakOfOneOfItsSkusIsRefused) {
  EXPECT_THAT(errors(parse(edited(two_skus("", "1800 TFLOP/s"))).diagnostics),
              ElementsAre(HasSubstr("over the dense peak of h100-sxm")));
  EXPECT_TRUE(parse(edited(two_skus("b200-sxm", "1800 TFLOP/s"))).value);
  EXPECT_THAT(warnings(parse(edited(two_skus("b200-sxm", "989 TFLOP/s"))).diagnostics),
              Contains(HasSubstr("is the sheet figure of h100-sxm, not of b200-sxm")));
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

TEST(T04, RerunsOfAFailureAreRefused) {
  EXPECT_THAT(errors(parse(edited({{12, "reruns: {most: 2, of: [INCONCLUSIVE, FAIL]}"}})).diagnostics),
              Contains(HasSubstr("'reruns' of FAIL: who measures again until it passes takes the best of N")));
  const auto none = parse(joined(base_lines()));
  ASSERT_TRUE(none.value);
  EXPECT_EQ(none.value->reruns.most, 0u) << "where nothing is said, nothing is superseded";
}

TEST(T09, AClauseWithoutABarIsRefused) {
  EXPECT_THAT(errors(parse(edited({{20, "    between: []"}})).diagnostics), Contains(HasSubstr("wants two")));
  EXPECT_THAT(errors(parse(edited({{20, "    between: [0 TFLOP/s, 900 TFLOP/s]"}})).diagnostics),
              Contains(HasSubstr("not above zero")));
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

TEST(T10, AClauseForAnSkuOfWhichNoUnitIsThereIsRefused) {
  Edits edits = two_skus("b200-sxm", "1800 TFLOP/s");
  EXPECT_TRUE(parse(edited(edits)).value);
  edits.push_back({11, "    - {serial: S2, node: n1, sku: h100-sxm}"});
  EXPECT_THAT(errors(parse(edited(edits)).diagnostics),
              ElementsAre(HasSubstr("c.yaml:19:10: error: no unit of the delivery is of sku 'b200-sxm'")));
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

// The suite beside the contract decides how much is measured: one that has changed since is not the one agreed on.
TEST(T15, ASuiteOfOtherBytesThanTheContractNamesIsRefusedWithBothHashes) {
  Suite suite = suite_of(30);
  suite.sha256 = std::string(64, 'b');
  const auto loaded = parse_contract(edited({{6, "suite: {name: five, sha256: " + std::string(64, 'a') + "}"}}),
                                     "c.yaml", &suite, nullptr, median_bound_exists);
  EXPECT_THAT(errors(loaded.diagnostics), ElementsAre(AllOf(HasSubstr("its SHA-256 is " + std::string(64, 'b')),
                                                            HasSubstr("agreed was " + std::string(64, 'a')))));
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
  EXPECT_THAT(errors(parse(edited({{20, "    between: [\"{{ low }}\", 900 TFLOP/s]"}})).diagnostics),
              Contains(HasSubstr("does not begin with a number")));
  EXPECT_THAT(errors(parse(edited({{12, "software: {driver: {matches: \"570.*\"}}"}})).diagnostics),
              Contains(HasSubstr("unknown key 'matches' in 'driver'")));
  EXPECT_THAT(errors(parse(edited({{12, "sampling: {kind: script, path: /tmp/x}"}})).diagnostics),
              Contains(HasSubstr("'kind' cannot be 'script'")));
  // As a wanted version or a title such text is text.
  const auto software = parse(edited({{12, "software: {driver: \"$(id)\"}"}}));
  ASSERT_TRUE(software.value);
  EXPECT_EQ(software.value->preconditions.at(0).wanted, "$(id)");
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
