#include "harness/contract/contract.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "harness/contract/bar.hpp"
#include "harness/contract/calendar.hpp"
#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kConfigs = std::string(GEOMSU_SOURCE_DIR) + "/configs/";

Loaded<SheetLibrary> shipped_sheets() {
  return parse_sheets(read_file(kConfigs + "devices/sheets.yaml"), "sheets.yaml");
}

Loaded<Contract> shipped_contract(const std::string& contract, const std::string& suite) {
  const auto loaded = parse_suite(read_file(kConfigs + "suites/" + suite + ".yaml"), suite);
  const auto library = shipped_sheets();
  return parse_contract(read_file(kConfigs + "contracts/" + contract + ".yaml"), contract, &loaded.value.value(),
                        &library.value.value(), median_bound_exists);
}

TEST(Contract, GivesItsValuesInSiUnits) {
  const auto loaded = parse(joined(base_lines()));
  ASSERT_TRUE(loaded.value);
  const Contract& contract = *loaded.value;
  EXPECT_EQ(contract.id, "base");
  EXPECT_EQ(contract.title, "시험 계약");
  EXPECT_EQ(contract.suite, "five");
  EXPECT_FALSE(contract.demonstration);
  ASSERT_EQ(contract.delivery.units.size(), 2u);
  EXPECT_EQ(contract.delivery.units[1].serial, "S2");
  EXPECT_EQ(contract.delivery.units[1].node, "n1");
  EXPECT_EQ(contract.price->won, 100'000'000);
  EXPECT_FALSE(contract.price->vat_included);
  EXPECT_EQ(contract.price->counted_units, "all");
  ASSERT_EQ(contract.clauses.size(), 1u);
  const Clause& clause = contract.clauses[0];
  EXPECT_EQ(clause.paper_clause, "별표 2");
  EXPECT_EQ(clause.measure(), "gemm.throughput");
  EXPECT_EQ(clause.workload.name(),
            "gemm:accumulate=fp32,batch=1,data=normal,dtype=bf16,k=512,layout=nn,m=512,n=512,out=bf16@node");
  EXPECT_EQ(clause.scope, Scope::kDevice);
  EXPECT_EQ(clause.at_least->value, 800e12);
  EXPECT_EQ(clause.at_least->dimension, Dimension::kFlops);
  EXPECT_FALSE(clause.at_most);
  EXPECT_EQ(clause.confidence, 0.95);
  EXPECT_EQ(clause.if_inconclusive, IfInconclusive::kReinspect);
  EXPECT_EQ(clause.provenance.date, "2026-01-01");
  EXPECT_EQ(clause.line, 14);
}

TEST(Contract, KeepsTheBytesThatItWasReadFrom) {
  const std::string text = joined(base_lines());
  EXPECT_EQ(parse(text).bytes, text);
  EXPECT_EQ(parse("nonsense").bytes, "nonsense");
  EXPECT_EQ(parse(text).path, "c.yaml");
}

TEST(Contract, TakesAnUnknownPriceForAnUnknownPrice) {
  const auto loaded = parse(edited({{12, "price: {amount: unknown, vat: included, counted_units: all}"},
                                    {18, "    scope: lot\n    per: capex"},
                                    {20, "    at_least: 5 TFLOP/s/억원"}}));
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  EXPECT_FALSE(loaded.value->price->won);
  EXPECT_EQ(loaded.value->price->text, "unknown");
  EXPECT_TRUE(loaded.value->price->vat_included);
  EXPECT_EQ(loaded.value->clauses[0].per, "capex");
  EXPECT_EQ(loaded.value->clauses[0].at_least->value, 5e12 / 1e8);
  EXPECT_EQ(loaded.value->clauses[0].bar_unit, "TFLOP/s/억원");
}

TEST(Contract, ReadsSerialsAsAPlainListToo) {
  const auto loaded = parse(edited({{10, "    - S1"}, {11, "    - 0012"}}));
  ASSERT_TRUE(loaded.value);
  EXPECT_EQ(loaded.value->delivery.units[1].serial, "0012");
  EXPECT_EQ(loaded.value->delivery.units[1].node, "");
}

TEST(DemoContract, IsReadWithoutAnError) {
  const auto loaded = shipped_contract("demo-cpu", "demo");
  EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
  ASSERT_TRUE(loaded.value);
  EXPECT_TRUE(loaded.value->demonstration);
  EXPECT_TRUE(loaded.value->delivery.discover);
  std::vector<std::string> ids;
  for (const Clause& clause : loaded.value->clauses) ids.push_back(clause.id);
  EXPECT_THAT(
      ids, ElementsAre("gemm-fp32", "gemm-fp64", "memory-triad", "memory-copy", "node-gemm-fp32", "gemm-fp32-per-won"));
  EXPECT_EQ(loaded.value->price->won, 1'000'000);
}

TEST(ExampleContract, IsReadWithoutAnErrorAndIsNoDemonstration) {
  for (const char* name : {"example-hgx-h100", "example-hgx-h200", "example-hgx-b200"}) {
    SCOPED_TRACE(name);
    const auto loaded = shipped_contract(name, "acceptance");
    EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
    ASSERT_TRUE(loaded.value);
    EXPECT_FALSE(loaded.value->demonstration);
    EXPECT_EQ(loaded.value->delivery.units.size(), 8u);
    for (const Clause& clause : loaded.value->clauses) {
      SCOPED_TRACE(clause.id);
      EXPECT_EQ(clause.tolerance, 0);
      EXPECT_FALSE(clause.provenance.source.empty());
      if (clause.workload.op == "gemm") {
        EXPECT_EQ(clause.workload.params.at("layout"), "nt") << "cuBLASLt's fast form, and fp8's only one";
      }
      // Eight devices that send to one peer share its link.
      const bool to_peer = clause.workload.params.contains("peer");
      EXPECT_EQ(clause.workload.concurrency, to_peer ? Concurrency::kAlone : Concurrency::kNode);
    }
  }
}

// Every key of the language stands in it, so that a reader finds one example of each.
TEST(ExampleLot, UsesTheWholeLanguageWithoutAnError) {
  const auto loaded = shipped_contract("example-lot", "two-looks");
  EXPECT_THAT(errors(loaded.diagnostics), IsEmpty());
  ASSERT_TRUE(loaded.value);
  const Contract& contract = *loaded.value;
  EXPECT_FALSE(contract.demonstration);
  EXPECT_EQ(contract.suite_sha256, sha256_hex(read_file(kConfigs + "suites/two-looks.yaml")));
  EXPECT_EQ(contract.skus.size(), 2u);
  EXPECT_EQ(contract.delivery.units.size(), 16u);
  EXPECT_TRUE(contract.delivery.states_use);
  EXPECT_EQ(contract.preconditions.size(), 8u);
  EXPECT_EQ(contract.site_limits.size(), 4u);
  EXPECT_EQ(contract.reruns.of.size(), 3u);
  EXPECT_TRUE(contract.sampling.named);
  const auto any = [&contract](auto has) { return std::any_of(contract.clauses.begin(), contract.clauses.end(), has); };
  EXPECT_TRUE(any([](const Clause& clause) { return clause.between(); }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.at_most && !clause.at_least; }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.severity == Severity::kMinor; }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.inspection == Inspection::kSampled && clause.sustained; }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.outliers == OutlierRule::kInconclusive; }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.of == "unit_medians"; }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.per == "capex"; }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.workload.concurrency == Concurrency::kRack; }));
  EXPECT_TRUE(any([](const Clause& clause) { return clause.if_unsupported == IfUnsupported::kNotApplicable; }));
}

TEST(Calendar, KnowsTheDaysThatExist) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("2026-11-22"), 20779);
  EXPECT_TRUE(parse_date("2024-02-29"));
  EXPECT_FALSE(parse_date("2100-02-29"));
  EXPECT_FALSE(parse_date("2026-00-10"));
  EXPECT_FALSE(parse_date("2026-1-1"));
  EXPECT_FALSE(parse_date("2026-11-22T00:00"));
  EXPECT_FALSE(parse_date("２026-11-2"));
  EXPECT_FALSE(parse_date(""));
}

TEST(WrittenUnit, IsTheUnitAsWritten) {
  EXPECT_EQ(written_unit("700 TFLOP/s"), "TFLOP/s");
  EXPECT_EQ(written_unit("700TFLOP/s"), "TFLOP/s");
  EXPECT_EQ(written_unit("5 TFLOP/s/억원"), "TFLOP/s/억원");
  EXPECT_EQ(written_unit("1 B/s"), "B/s");
  EXPECT_EQ(written_unit("5"), "");
  EXPECT_EQ(written_unit("5 parsecs"), "");
}

}  // namespace
}  // namespace geomsu::test
