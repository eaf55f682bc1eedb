// Each row breaks one thing in a valid contract and says where the error stands and in which words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Bad {
  std::string name;
  Edits edits;
  std::string at;                  // "12:7"
  std::vector<std::string> words;  // all in the message
};

const std::vector<Bad>& table() {
  static const std::vector<Bad> rows{
      {"UnknownKeyAtTheTop",
       {{3, "buyr: A\nbuyer: A"}},
       "3:1",
       {"unknown key 'buyr' in the contract; did you mean 'buyer'?"}},
      {"UnknownKeyInAClause",
       {{21, "    tolerence: 0 %\n    tolerance: 0 %"}},
       "21:5",
       {"unknown key 'tolerence' in a clause; did you mean 'tolerance'?"}},
      {"UnknownKeyFarFromAny",
       {{3, "buyer: A\nwibble: 1"}},
       "4:1",
       {"unknown key 'wibble'", "known keys are id, title"}},
      {"UnknownKeyInTheProvenance",
       {{25, "    provenance: {source: s, date: 2026-01-01, by: b, concurrency: node, who: me}"}},
       "25:73",
       {"unknown key 'who' in the provenance"}},
      {"UnknownKeyInAUnit",
       {{10, "    - {serial: S1, nodes: n1}"}},
       "10:20",
       {"'nodes' in a unit; did you mean 'node'?"}},
      {"DuplicateKey", {{5, "date: 2026-02-01\ndate: 2026-02-02"}}, "6:1", {"the key 'date' stands twice", "line 5"}},
      {"DuplicateKeyInAClause",
       {{20, "    at_least: 800 TFLOP/s\n    at_least: 1 TFLOP/s"}},
       "21:5",
       {"the key 'at_least' stands twice", "line 20"}},
      {"MissingId", {{1, "-"}}, "1:1", {"the contract has no 'id'"}},
      {"MissingTitle", {{2, "-"}}, "1:1", {"the contract has no 'title'"}},
      {"MissingDelivery",
       {{8, "-"}, {9, "-"}, {10, "-"}, {11, "-"}},
       "1:1",
       {"the contract has no 'delivery'", "empty scope"}},
      {"MissingSuite", {{6, "-"}}, "1:1", {"the contract has no 'suite'"}},
      {"MissingMeasure", {{16, "-"}}, "14:5", {"a clause has no 'measure'"}},
      {"MissingPaperClause", {{15, "-"}}, "14:5", {"a clause has no 'clause'"}},
      {"MissingWorkload", {{17, "-"}}, "14:5", {"a clause has no 'workload'"}},
      {"MissingScope", {{18, "-"}}, "14:5", {"a clause has no 'scope'"}},
      {"MissingStatistic", {{19, "-"}}, "14:5", {"a clause has no 'statistic'"}},
      {"MissingTolerance", {{21, "-"}}, "14:5", {"a clause has no 'tolerance'", "write `tolerance: 0 %`"}},
      {"MissingConfidence", {{22, "-"}}, "14:5", {"a clause has no 'confidence'"}},
      {"MissingIfUnsupported", {{23, "-"}}, "14:5", {"a clause has no 'if_unsupported'"}},
      {"MissingIfInconclusive", {{24, "-"}}, "14:5", {"a clause has no 'if_inconclusive'"}},
      {"MissingProvenance", {{25, "-"}}, "14:5", {"a clause has no 'provenance'"}},
      {"MissingProvenanceDate",
       {{25, "    provenance: {source: s, by: b, concurrency: node}"}},
       "25:17",
       {"the provenance has no 'date'"}},
      {"MissingConcurrency",
       {{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512}"}},
       "17:15",
       {"the workload has no 'concurrency'"}},
      {"EmptyValue", {{3, "buyer:"}}, "3:1", {"'buyer' of the contract is empty"}},
      {"EmptyQuotedValue", {{3, "buyer: \"\""}}, "3:8", {"'buyer' of the contract is empty"}},
      {"ListForText", {{3, "buyer: [A]"}}, "3:8", {"'buyer' of the contract is a list"}},
      {"TextForMap",
       {{25, "    provenance: somebody said so"}},
       "25:17",
       {"the provenance must be a map of keys, here is a single value"}},
      {"ClausesNoList", {{13, "clauses: {a: b}\nx:"}}, "13:10", {"'clauses' must be a list, here is a map of keys"}},
      {"IdWithBlanks", {{1, "id: my contract"}}, "1:5", {"'my contract' cannot be an id"}},
      {"IdThatClimbs", {{1, "id: ../../etc"}}, "1:5", {"'../../etc' cannot be an id"}},
      {"DateThatDoesNotExist", {{5, "date: 2026-02-30"}}, "5:7", {"'date' is no date: '2026-02-30'"}},
      {"DateInAnotherForm", {{5, "date: 01.02.2026"}}, "5:7", {"'date' is no date", "YYYY-MM-DD"}},
      {"LeapDayOfAShortYear", {{5, "date: 2025-02-29"}}, "5:7", {"'date' is no date"}},
      {"UnitUnknown", {{20, "    at_least: 800 TFLOPS"}}, "20:15", {"unknown unit 'TFLOPS'; did you mean 'TFLOP/s'?"}},
      {"UnitOfAnotherMeasure",
       {{20, "    at_least: 3 TB/s"}},
       "20:15",
       {"'at_least' wants a throughput in FLOP/s, '3 TB/s' is a bandwidth in B/s",
        "gemm.throughput is judged in FLOP/s"}},
      {"BarWithoutUnit",
       {{20, "    at_least: 800"}},
       "20:15",
       {"wants a throughput in FLOP/s, '800' is a plain number"}},
      {"BarPerWonWithoutPer", {{20, "    at_least: 5 TFLOP/s/억원"}}, "20:15", {"wants a throughput in FLOP/s"}},
      {"BarOfZero", {{20, "    at_least: 0 TFLOP/s"}}, "20:15", {"the bar '0 TFLOP/s' is not above zero"}},
      {"BarBelowZero", {{20, "    at_least: -5 TFLOP/s"}}, "20:15", {"is not above zero"}},
      {"NoBar", {{20, "-"}}, "14:5", {"a clause has no bar"}},
      {"TwoBars",
       {{20, "    at_least: 800 TFLOP/s\n    at_most: 900 TFLOP/s"}},
       "21:14",
       {"both 'at_least' and 'at_most'"}},
      {"BarBetween",
       {{20, "    at_least: 800 TFLOP/s\n    between: [1 TFLOP/s, 2 TFLOP/s]"}},
       "21:5",
       {"'between' of a clause is not in this version"}},
      {"BarOverThePeak",
       {{20, "    at_least: 1979 TFLOP/s"}},
       "20:15",
       {"the bar 1979 TFLOP/s is over the dense peak of h100-sxm, 989", "sparse"}},
      {"CeilingOverThePeak",
       {{20, "    at_most: 1979 TFLOP/s"}},
       "20:14",
       {"is over the dense peak of h100-sxm", "no bar"}},
      {"ToleranceWithoutPercent",
       {{21, "    tolerance: 0"}},
       "21:16",
       {"'tolerance' wants a ratio in %, '0' is a plain number"}},
      {"ToleranceOfAll", {{21, "    tolerance: 100 %"}}, "21:16", {"'tolerance' must be from 0 % to under 100 %"}},
      {"ToleranceBelowZero", {{21, "    tolerance: -5 %"}}, "21:16", {"'tolerance' must be from 0 %"}},
      {"ConfidenceOfAll", {{22, "    confidence: 100 %"}}, "22:17", {"'confidence' must be from 50 % to under 100 %"}},
      {"ConfidenceBelowHalf", {{22, "    confidence: 49 %"}}, "22:17", {"'confidence' must be from 50 %"}},
      {"ConfidenceAsTime",
       {{22, "    confidence: 95 s"}},
       "22:17",
       {"'confidence' wants a ratio in %, '95 s' is a time in s"}},
      {"StatisticLater",
       {{19, "    statistic: p05"}},
       "19:16",
       {"'statistic: p05' is not in this version", "write `statistic: median`"}},
      {"StatisticUnknown", {{19, "    statistic: mean"}}, "19:16", {"'statistic' cannot be 'mean'"}},
      {"StatisticMisspelt", {{19, "    statistic: medain"}}, "19:16", {"did you mean 'median'?"}},
      {"ScopeCluster", {{18, "    scope: cluster"}}, "18:12", {"'scope: cluster' is not in this version"}},
      {"ScopeLotWithoutPer", {{18, "    scope: lot"}}, "14:9", {"'scope: lot' without 'per'"}},
      {"PerWithoutScopeLot",
       {{18, "    scope: device\n    per: capex"}, {20, "    at_least: 5 TFLOP/s/억원"}},
       "19:10",
       {"'per' without 'scope: lot'"}},
      {"PerWithoutPrice",
       {{12, "-"}, {18, "    scope: lot\n    per: capex"}, {20, "    at_least: 5 TFLOP/s/억원"}},
       "18:10",
       {"'per' in a contract without a price", "amount: unknown"}},
      {"PerWithABarPerSecond",
       {{18, "    scope: lot\n    per: capex"}},
       "21:15",
       {"wants a throughput per money in FLOP/s/원, '800 TFLOP/s' is a throughput in FLOP/s"}},
      {"PerTcoLater",
       {{18, "    scope: lot\n    per: tco_5y"}, {20, "    at_least: 5 TFLOP/s/억원"}},
       "19:10",
       {"'per: tco_5y' is not in this version"}},
      {"PriceWithoutVat", {{12, "price: {amount: 1억원, counted_units: all}"}}, "12:8", {"the price has no 'vat'"}},
      {"PriceWithoutCountedUnits",
       {{12, "price: {amount: 1억원, vat: excluded}"}},
       "12:8",
       {"the price has no 'counted_units'"}},
      {"PriceWithoutAmount",
       {{12, "price: {vat: excluded, counted_units: all}"}},
       "12:8",
       {"the price has no 'amount'", "unknown"}},
      {"PriceInDollars", {{12, "price: {amount: $5, vat: excluded, counted_units: all}"}}, "12:17", {"'amount': "}},
      {"PriceOfNothing", {{12, "price: {amount: 0원, vat: excluded, counted_units: all}"}}, "12:17", {"'amount'"}},
      {"OctalIsNoNumber",
       {{17, "    workload: {dtype: bf16, m: 0x200, n: 512, k: 512, concurrency: node}"}},
       "17:32",
       {"m must be an integer", "0x200"}},
      {"WorkloadWithUnknownKey",
       {{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, dta: normal, concurrency: node}"}},
       "17:53",
       {"unknown key 'dta' in the workload; did you mean 'data'?"}},
      {"WorkloadWithoutM",
       {{17, "    workload: {dtype: bf16, n: 512, k: 512, concurrency: node}"}},
       "17:15",
       {"m must be given", "write `m:` with a whole number (rows of C)"}},
      {"WorkloadWithAnotherDtype",
       {{17, "    workload: {dtype: bf17, m: 512, n: 512, k: 512, concurrency: node}"}},
       "17:23",
       {"dtype must be one of", "bf17"}},
      {"WorkloadWithAnEmptyParameter",
       {{17, "    workload: {dtype: bf16, m: , n: 512, k: 512, concurrency: node}"}},
       "17:29",
       {"'m' of the workload is empty"}},
      {"WorkloadOfARack",
       {{17, "    workload: {dtype: bf16, m: 512, n: 512, k: 512, concurrency: rack}"}},
       "17:66",
       {"'concurrency: rack' is not in this version"}},
      {"WorkloadNamesItsOperation",
       {{17, "    workload: {op: gemm, dtype: bf16, m: 512, n: 512, k: 512, concurrency: node}"}},
       "17:20",
       {"'op' in a clause's workload"}},
      {"MeasureUnknown",
       {{16, "    measure: gemm.thruput"}},
       "16:14",
       {"unknown measure 'gemm.thruput'; did you mean 'gemm.throughput'?"}},
      {"MeasureLater", {{16, "    measure: decode.tokens"}}, "16:14", {"unknown measure 'decode.tokens'"}},
      {"SkuUnknown", {{7, "sku: h100-smx"}}, "7:6", {"no device sheet for sku 'h100-smx'; did you mean 'h100-sxm'?"}},
      {"IfUnsupportedSkip",
       {{23, "    if_unsupported: skip"}},
       "23:21",
       {"'if_unsupported' cannot be 'skip'", "fail or not_applicable"}},
      {"IfInconclusivePass", {{24, "    if_inconclusive: pass"}}, "24:22", {"'if_inconclusive' cannot be 'pass'"}},
      {"YesIsNotTrue",
       {{24, "    if_inconclusive: reinspect\n    exclusive: yes"}},
       "25:16",
       {"'exclusive' cannot be 'yes'", "true or false"}},
      {"DemonstrationYes", {{5, "date: 2026-02-01\ndemonstration: yes"}}, "6:16", {"'demonstration' cannot be 'yes'"}},
      {"DuplicateSerial", {{11, "    - {serial: S1, node: n2}"}}, "11:16", {"the serial 'S1' stands twice", "line 10"}},
      {"SerialWithBlanks", {{10, "    - {serial: S 1, node: n1}"}}, "10:16", {"'S 1' cannot be a serial"}},
      {"SerialInHangul", {{10, "    - {serial: 일, node: n1}"}}, "10:16", {"'일' cannot be a serial"}},
      {"SerialMissing", {{10, "    - {node: n1}"}}, "10:7", {"a unit has no 'serial'"}},
      {"DiscoverInARealContract",
       {{9, "  discover: true"}, {10, "-"}, {11, "-"}},
       "9:13",
       {"'discover: true' in a contract that is no demonstration"}},
      {"DiscoverBesideAList",
       {{5, "date: 2026-02-01\ndemonstration: true"}, {9, "  discover: true\n  units:"}},
       "12:5",
       {"both 'discover: true' and 'units'"}},
      {"SeverityLater",
       {{24, "    if_inconclusive: reinspect\n    severity: major"}},
       "25:5",
       {"'severity' of a clause is not in this version"}},
      {"SoftwareLater",
       {{6, "suite: five\nsoftware: {driver: 1}"}},
       "7:1",
       {"'software' of the contract is not in this version"}},
  };
  return rows;
}

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

INSTANTIATE_TEST_SUITE_P(Each, BadContract, ::testing::ValuesIn(table()),
                         [](const auto& row) { return row.param.name; });

TEST(Contract, ThatTheTableBreaksIsValid) {
  const auto loaded = parse(joined(base_lines()));
  EXPECT_TRUE(loaded.value.has_value());
  EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
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
