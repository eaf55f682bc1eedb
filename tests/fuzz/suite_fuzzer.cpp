// Suites, sites and device sheets: the same bytes as each of the three.
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace geomsu;
  const std::string_view text = fuzz::text_of(data, size);
  const Loaded<Suite> suite = parse_suite(text, "suite.yaml");
  fuzz::demand_helpful(suite.diagnostics, suite.value.has_value(), text);
  if (suite.value) fuzz::demand(suite.value->blocks >= 1 && suite.value->block_min_ns > 0, "a suite of no blocks");
  const Loaded<Site> site = parse_site(text, "site.yaml");
  fuzz::demand_helpful(site.diagnostics, site.value.has_value(), text);
  if (site.value) fuzz::demand(!site.value->plugins.empty(), "a site without plug-ins");
  const Loaded<SheetLibrary> sheets = parse_sheets(text, "sheets.yaml");
  fuzz::demand_helpful(sheets.diagnostics, sheets.value.has_value(), text);
  if (sheets.value) fuzz::demand(!sheets.value->sheets.empty(), "a library without sheets");
  return 0;
}
