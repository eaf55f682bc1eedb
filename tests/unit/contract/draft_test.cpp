#include "harness/contract/draft.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SheetLibrary shipped() {
  std::ifstream file(std::string(GEOMSU_SOURCE_DIR) + "/configs/devices/sheets.yaml");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return parse_sheets(bytes, "sheets.yaml").value.value_or(SheetLibrary{});
}

Loaded<Contract> parse_draft(const std::string& text, const SheetLibrary& library) {
  Suite suite = suite_of(30);
  suite.tail_blocks = 59;
  return parse_contract(text, "draft.yaml", &suite, &library, median_bound_exists);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// As the parties fill it in.
std::string filled(std::string text) {
  text = replaced(text, "date: TODO ", "date: 2026-11-24 ");
  for (int unit = 1; text.find("serial: TODO") != std::string::npos; ++unit)
    text.replace(text.find("serial: TODO"), 12, "serial: S" + std::to_string(unit));
  text = replaced(text, "node: TODO", "node: n1");
  return replaced(text, "\"TODO: ", "\"said: ");
}

TEST(Draft, IsRefusedUntilEveryToDoIsReplacedAndThenHolds) {
  const SheetLibrary library = shipped();
  ASSERT_FALSE(library.sheets.empty());
  for (const DeviceSheet& sheet : library.sheets) {
    const std::string text = draft_contract({sheet}, "2026-11-24");
    const auto loaded = parse_draft(text, library);
    EXPECT_FALSE(loaded.value) << sheet.sku;
    for (const std::string& error : errors(loaded.diagnostics)) {
      EXPECT_THAT(error,
                  ::testing::AnyOf(HasSubstr("is still to be filled in: 'TODO"), HasSubstr("there are no clauses")));
    }
    const auto whole = parse_draft(filled(text), library);
    const bool some = !sheet.peaks.empty() && text.find("  - id: ") != std::string::npos;
    EXPECT_EQ(whole.value.has_value(), some) << sheet.sku << ::testing::PrintToString(errors(whole.diagnostics));
    EXPECT_THAT(warnings(whole.diagnostics), IsEmpty()) << sheet.sku << ": neither under 75 %, nor a median alone";
  }
}

TEST(Draft, HasAMedianAndAP05ForEachSurePeakAndNothingElse) {
  DeviceSheet sheet = sheets().sheets[1];
  sheet.peaks = {{"bf16", 989e12}, {"fp8", 1979e12}, {"bandwidth", 3.35e12}, {"fp4", 4e15}};
  sheet.check = {"fp8"};
  const std::string text = draft_contract({sheet}, "2026-11-24");
  const SheetLibrary library = sheets();
  const auto loaded = parse_draft(filled(text), library);
  ASSERT_TRUE(loaded.value) << text;
  std::vector<std::string> clauses;
  for (const Clause& clause : loaded.value->clauses) {
    clauses.push_back(clause.id + " " + clause.statistic + " " + clause.bar_text);
    EXPECT_EQ(clause.tolerance, 0);
  }
  EXPECT_THAT(clauses, ::testing::ElementsAre("gemm-bf16 median 791.2 TFLOP/s", "gemm-bf16-p05 p05 751.6 TFLOP/s",
                                              "memory-triad median 2.68 TB/s", "memory-triad-p05 p05 2.546 TB/s"));
  EXPECT_THAT(text, AllOf(HasSubstr("# h100-sxm: no clause for fp64, fp32, tf32, fp16, int8: the sheet does not know"),
                          HasSubstr("# h100-sxm: no clause for fp8: the sources of the sheet differ"),
                          HasSubstr("# h100-sxm: no clause for fp4: this version measures no such operation"),
                          HasSubstr("TODO: 80 % of the dense peak 989 TFLOP/s of the sheet h100-sxm"),
                          HasSubstr("on 2026-11-24 (Asia/Seoul)")));
}

TEST(Draft, OfSeveralSkusHasTheClausesOfEach) {
  const SheetLibrary library = sheets();
  const std::string text = draft_contract({library.sheets[1], library.sheets[2]}, "2026-11-24");
  const auto loaded = parse_draft(filled(text), library);
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  EXPECT_THAT(loaded.value->skus, ::testing::ElementsAre("h100-sxm", "b200-sxm"));
  EXPECT_THAT(loaded.value->clauses, SizeIs(8));
  EXPECT_EQ(loaded.value->clauses[0].id, "gemm-bf16-h100-sxm");
  EXPECT_EQ(loaded.value->clauses[0].sku, "h100-sxm");
  EXPECT_EQ(loaded.value->delivery.units[1].sku, "b200-sxm");
}

TEST(ToDo, IsNoValueAnywhere) {
  EXPECT_TRUE(is_to_do("TODO"));
  EXPECT_TRUE(is_to_do("TODO: the buyer"));
  EXPECT_FALSE(is_to_do("TODOS"));
  EXPECT_FALSE(is_to_do("the TODO"));
  EXPECT_FALSE(is_to_do(""));
  EXPECT_THAT(errors(parse(edited({{3, "buyer: TODO"}})).diagnostics),
              ::testing::ElementsAre(HasSubstr("c.yaml:3:8: error: 'buyer' of the contract is still to be filled in")));
  EXPECT_THAT(errors(parse(edited({{10, "    - TODO"}})).diagnostics), SizeIs(1));
}

}  // namespace
}  // namespace geomsu::test
