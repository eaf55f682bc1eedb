#include "harness/contract/difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/delivery_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> said(const std::vector<ContractChange>& changes) {
  static constexpr std::string_view kSides = "-?+";
  std::vector<std::string> lines;
  for (const ContractChange& change : changes)
    lines.push_back(std::string(1, kSides[static_cast<std::size_t>(change.side)]) + " " + change.text);
  return lines;
}

Contract parsed(const Edits& edits) {
  const auto loaded = parse(edited(edits), 59);
  if (!loaded.value) ADD_FAILURE() << ::testing::PrintToString(errors(loaded.diagnostics));
  return loaded.value.value_or(Contract{});
}

std::vector<std::string> changed(const Edits& edits) { return said(contract_changes(parsed({}), parsed(edits))); }
std::vector<std::string> changed_back(const Edits& edits) { return said(contract_changes(parsed(edits), parsed({}))); }

TEST(ContractDifference, IsNoneBetweenEqualsWhateverTheirCommentsAndOrder) {
  EXPECT_THAT(changed({}), IsEmpty());
  EXPECT_THAT(changed({{1, "# a comment\nid: base"}}), IsEmpty());
  EXPECT_THAT(changed({{10, "    - {node: n1, serial: S2}"}, {11, "    - {serial: S1, node: n1}"}}), IsEmpty());
  EXPECT_THAT(changed({{20, "    at_least: 0.8 PFLOP/s"}}), IsEmpty()) << "the same bar in another unit";
}

TEST(ContractDifference, ABarGoesUpOrDownByItsShare) {
  EXPECT_THAT(changed({{20, "    at_least: 840 TFLOP/s"}}),
              ElementsAre("+ clause gemm: the bar is raised from at least 800 TFLOP/s to at least 840 TFLOP/s (+5 %)"));
  EXPECT_THAT(
      changed_back({{20, "    at_least: 840 TFLOP/s"}}),
      ElementsAre("- clause gemm: the bar is lowered from at least 840 TFLOP/s to at least 800 TFLOP/s (-4.76 %)"));
  EXPECT_THAT(changed({{20, "    at_most: 800 TFLOP/s"}}),
              ElementsAre("- clause gemm: the bar at least 800 TFLOP/s is removed",
                          "+ clause gemm: the bar at most 800 TFLOP/s is new"));
  const Contract before = parsed({{20, "    at_most: 800 TFLOP/s"}});
  EXPECT_THAT(
      said(contract_changes(before, parsed({{20, "    at_most: 900.5 TFLOP/s"}}))),
      ElementsAre("- clause gemm: the bar is raised from at most 800 TFLOP/s to at most 900.5 TFLOP/s (+12.6 %)"));
}

TEST(ContractDifference, TermsOfAClauseSayWhomTheyHelp) {
  EXPECT_THAT(changed({{21, "    tolerance: 2 %"}}), ElementsAre("- clause gemm: the tolerance is 2 %, and was 0 %"));
  EXPECT_THAT(changed_back({{21, "    tolerance: 2 %"}}),
              ElementsAre("+ clause gemm: the tolerance is 0 %, and was 2 %"));
  EXPECT_THAT(changed({{22, "    confidence: 90 %"}}),
              ElementsAre("- clause gemm: the confidence is 90 %, and was 95 %"));
  EXPECT_THAT(changed({{23, "    if_unsupported: not_applicable"}}),
              ElementsAre("- clause gemm: where it is unsupported, it is not_applicable, and was fail"));
  EXPECT_THAT(changed({{24, "    if_inconclusive: conditional\n    severity: minor"}}),
              ElementsAre("- clause gemm: the severity is minor, and was critical",
                          "? clause gemm: if_inconclusive is conditional, and was reinspect"));
  Contract looser = parsed({});
  looser.clauses[0].inspection = Inspection::kSampled;
  EXPECT_THAT(said(contract_changes(parsed({}), looser)),
              ElementsAre("- clause gemm: the inspection is sampled, and was screening"));
  Contract stricter = parsed({});
  stricter.clauses[0].outliers = OutlierRule::kFail;
  EXPECT_THAT(said(contract_changes(parsed({}), stricter)),
              ElementsAre("+ clause gemm: an outlier is fail, and was finding"));
  EXPECT_THAT(changed({{18, "    scope: node"}}), ElementsAre("? clause gemm: the scope is node, and was device"));
  EXPECT_THAT(changed({{19, "    statistic: p05"}}),
              ElementsAre("? clause gemm: the statistic is p05, and was median"));
  EXPECT_THAT(changed({{25, "    provenance: {source: t, date: 2026-01-01, by: b, concurrency: node}"}}),
              ElementsAre("? clause gemm: the provenance is t (2026-01-01, b, node), and was s (2026-01-01, b, node)"));
}

TEST(ContractDifference, AClauseIsAddedOrRemoved) {
  EXPECT_THAT(changed({{14, "  - id: other"}}),
              ElementsAre("- clause gemm is removed (gemm.throughput median 800 TFLOP/s)",
                          "+ clause other is new (gemm.throughput median 800 TFLOP/s)"));
}

TEST(ContractDifference, SerialsAreCountedAndTheFirstTenListed) {
  EXPECT_THAT(changed({{11, "    - {serial: S3, node: n1}"}}),
              ElementsAre("- the delivery: removed 1 unit: S2", "+ the delivery: added 1 unit: S3"));
  std::string many = "    - {serial: S2, node: n1}";
  for (int i = 10; i < 22; ++i) many += "\n    - {serial: T" + std::to_string(i) + ", node: n2}";
  EXPECT_THAT(changed({{11, many}}),
              ElementsAre("+ the delivery: added 12 units: T10, T11, T12, T13, T14, T15, T16, T17, T18, T19 ..."));
  EXPECT_THAT(changed({{11, "    - {serial: S2, node: n2}"}}),
              ElementsAre("? the delivery: with another node, rack or uuid, 1 unit: S2"));
}

TEST(ContractDifference, TranchesAndTheirDaysAreCompared) {
  const auto of = [](const std::string& delivery) { return parse_delivery(delivery).value.value_or(Contract{}); };
  const Contract before = of("delivery: {tranche: 1차, due: 2026-03-31, units: [A1, A2]}");
  const Contract after =
      of("delivery:\n  inspected: 1차\n  tranches:\n    - {name: 1차, due: 2026-04-30, units: [A1]}\n"
         "    - {name: 2차, due: 2026-06-30, units: [A2]}");
  EXPECT_THAT(said(contract_changes(before, after)),
              ElementsAre("- the day that the tranche 1차 is due is 2026-04-30, and was 2026-03-31",
                          "? the delivery: the tranche 2차 is new, due 2026-06-30",
                          "? the delivery: in another tranche, 1 unit: A2"));
}

TEST(ContractDifference, PriceSuiteAndPartiesAreCompared) {
  EXPECT_THAT(
      changed({{12, "price: {amount: 2억원, vat: excluded, counted_units: all}"}}),
      ElementsAre("- the price is 2억원, VAT excluded, all units counted, and was 1억원, VAT excluded, all units "
                  "counted"));
  EXPECT_THAT(
      changed({{12, "price: {amount: 2억원, vat: included, counted_units: all}"}}),
      ElementsAre("? the price is 2억원, VAT included, all units counted, and was 1억원, VAT excluded, all units "
                  "counted"));
  EXPECT_THAT(changed({{12, "-"}}),
              ElementsAre("? the price is not stated, and was 1억원, VAT excluded, all units counted"));
  EXPECT_THAT(changed({{6, "suite: six"}}), ElementsAre("? the suite is six, and was five"));
  EXPECT_THAT(
      changed({{4, "supplier: C"}, {5, "date: 2026-02-02"}}),
      ElementsAre("? the supplier is C, and was B", "? the date (Asia/Seoul) is 2026-02-02, and was 2026-02-01"));
}

TEST(ContractDifference, PreconditionsSiteLimitsAndRerunsAreCompared) {
  const std::string more =
      "suite: five\nsoftware: {driver: {at_least: \"570.86\"}}\nsettings: {ecc.mode: on}\n"
      "site_limits: [{condition: inlet_temperature, at_most: 27 °C, responsible: buyer}]\n"
      "reruns: {most: 1, of: [INVALID]}";
  EXPECT_THAT(changed({{6, more}}),
              ElementsAre("- the rule of reruns is at most 1 after INVALID, and was not stated",
                          "+ the precondition settings.ecc.mode is new: on",
                          "+ the precondition software.driver is new: at least 570.86",
                          "+ the site limit inlet_temperature is new: at most 27 °C, the buyer is responsible"));
  EXPECT_THAT(changed_back({{6, more}}), Contains("- the precondition settings.ecc.mode is removed (it was on)"));
}

}  // namespace
}  // namespace geomsu::test
