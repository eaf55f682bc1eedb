// Contracts: whatever the bytes, a contract that is right or words that say where it is wrong; twice the same.
#include "harness/base/files.hpp"
#include "harness/judge/judge.hpp"
#include "tests/fuzz/demand.hpp"

namespace geomsu::fuzz {
namespace {

const std::string kConfigs = std::string(GEOMSU_SOURCE_DIR) + "/configs/";

const SheetLibrary& sheets() {
  static const SheetLibrary library =
      *parse_sheets(read_file(kConfigs + "devices/sheets.yaml", 1u << 20), "sheets.yaml").value;
  return library;
}

const Suite& suite() {
  static const Suite value =
      *parse_suite(read_file(kConfigs + "suites/acceptance.yaml", 1u << 20), "acceptance.yaml").value;
  return value;
}

void one(std::string_view text) {
  const Loaded<Contract> loaded = parse_contract(text, "contract.yaml", &suite(), &sheets(), bound_exists);
  demand_helpful(loaded.diagnostics, loaded.value.has_value(), text);
  const Loaded<Contract> again = parse_contract(text, "contract.yaml", &suite(), &sheets(), bound_exists);
  demand(again.diagnostics.size() == loaded.diagnostics.size(), "the second reading says something else");
  for (std::size_t i = 0; i < loaded.diagnostics.size(); ++i)
    demand(again.diagnostics[i].text() == loaded.diagnostics[i].text(), "the second reading says something else");
  if (!loaded.value) return;
  demand(!loaded.value->clauses.empty(), "a contract without clauses was taken");
  const Delivery& delivery = loaded.value->delivery;
  demand(delivery.discover || !delivery.units.empty(), "an empty delivery was taken");
  for (const Clause& clause : loaded.value->clauses) {
    demand(clause.low_bar() || clause.high_bar(), "a clause without a bar was taken");
    if (clause.tolerance == 0 && clause.at_least)
      demand(*clause.low_bar() == clause.at_least->value, "a tolerance of 0 % moves the bar");
    if (clause.between()) demand(*clause.low_bar() <= *clause.high_bar(), "an empty range was taken");
  }
}

}  // namespace
}  // namespace geomsu::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  geomsu::fuzz::one(geomsu::fuzz::text_of(data, size));
  return 0;
}
