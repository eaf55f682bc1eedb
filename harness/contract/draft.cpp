#include "harness/contract/draft.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace geomsu {
namespace {

// Of the dense peak; a starting point above the three quarters under which the linter warns, and no measurement.
constexpr int kMedianPercent = 80, kTailPercent = 76;

// A cell of the sheet and the workload that is measured against it.
struct Cell {
  std::string_view key, id, operation, measure, params, unit;
  double scale;
};
constexpr std::string_view kShape = "m: 8192, n: 8192, k: 8192, layout: nt, data: normal";
constexpr std::array<Cell, 9> kCells{{
    {"fp64", "gemm-fp64", "gemm", "gemm.throughput", "dtype: fp64", "TFLOP/s", 1e12},
    {"fp32", "gemm-fp32", "gemm", "gemm.throughput", "dtype: fp32, accumulate: fp32", "TFLOP/s", 1e12},
    {"tf32", "gemm-tf32", "gemm", "gemm.throughput", "dtype: fp32, accumulate: tf32_in", "TFLOP/s", 1e12},
    {"bf16", "gemm-bf16", "gemm", "gemm.throughput", "dtype: bf16, accumulate: fp32", "TFLOP/s", 1e12},
    {"fp16", "gemm-fp16", "gemm", "gemm.throughput", "dtype: fp16, accumulate: fp32", "TFLOP/s", 1e12},
    {"fp8", "gemm-fp8", "gemm", "gemm.throughput", "dtype: fp8_e4m3, accumulate: fp32", "TFLOP/s", 1e12},
    {"int8", "gemm-int8", "gemm", "gemm.throughput", "dtype: int8, accumulate: int32", "TOP/s", 1e12},
    {"fp4", "gemm-fp4", "", "", "", "TFLOP/s", 1e12},
    {"bandwidth", "memory-triad", "memory", "memory.bandwidth",
     "kind: triad, dtype: fp64, bytes: 1073741824, data: normal", "TB/s", 1e12},
}};

std::string clause_text(const DeviceSheet& sheet, const Cell& cell, double peak, bool several, bool tail,
                        const std::string& today) {
  const int percent = tail ? kTailPercent : kMedianPercent;
  const std::string id = fmt::format("{}{}{}", cell.id, tail ? "-p05" : "", several ? "-" + sheet.sku : "");
  const std::string shape = cell.operation == "gemm" ? fmt::format(", {}", kShape) : "";
  std::string text = fmt::format(
      "  - id: {}\n    clause: \"TODO: 별표 2 제3항\"\n    measure: {}\n    workload: {{{}{}, concurrency: node}}\n",
      id, cell.measure, cell.params, shape);
  if (several) text += fmt::format("    sku: {}\n", sheet.sku);
  text += fmt::format(
      "    scope: device\n    statistic: {}\n    at_least: {:.4g} {}\n    tolerance: 0 %\n    confidence: 95 %\n"
      "    if_unsupported: fail\n    if_inconclusive: reinspect\n",
      tail ? "p05" : "median", peak * percent / 100 / cell.scale, cell.unit);
  return text + fmt::format(
                    "    provenance: {{source: \"TODO: {} % of the dense peak {:.4g} {} of the sheet {}; put the "
                    "proposal's figure and page here\", date: {}, by: geomsu init, concurrency: node}}\n\n",
                    percent, peak / cell.scale, cell.unit, sheet.sku, today);
}

// What there is no clause for, and why.
std::string gaps_text(const DeviceSheet& sheet) {
  std::vector<std::string> unknown, unsure, unmeasured;
  for (const Cell& cell : kCells) {
    const std::string key(cell.key);
    if (!sheet.peaks.contains(key)) {
      unknown.push_back(key);
    } else if (!sheet.sure_peak(key)) {
      unsure.push_back(key);
    } else if (cell.operation.empty()) {
      unmeasured.push_back(key);
    }
  }
  std::string text;
  const auto say = [&](const std::vector<std::string>& keys, std::string_view why) {
    if (!keys.empty()) text += fmt::format("# {}: no clause for {}: {}\n", sheet.sku, fmt::join(keys, ", "), why);
  };
  say(unknown, "the sheet does not know the peak (`unknown`)");
  say(unsure, "the sources of the sheet differ, or none is sure (`check`)");
  say(unmeasured, "this version measures no such operation");
  return text;
}

std::string head_text(const std::vector<DeviceSheet>& sheets, const std::string& today) {
  std::vector<std::string> skus;
  for (const DeviceSheet& sheet : sheets) skus.push_back(sheet.sku);
  const bool several = skus.size() > 1;
  std::string text = fmt::format(
      "# A draft that geomsu init wrote on {} (Asia/Seoul). `geomsu validate` refuses it until every TODO is "
      "replaced.\n"
      "#\n"
      "# The bars are {} % (median) and {} % (p05) of the dense peaks of configs/devices. That is where to begin, and "
      "no\n"
      "# measurement: replace each by the figure of the proposal, and each source by where that figure stands.\n"
      "# A median alone hides a unit that throttles in a fifth of its blocks: so each throughput has a p05 clause "
      "too.\n",
      today, kMedianPercent, kTailPercent);
  for (const DeviceSheet& sheet : sheets) text += fmt::format("# {}: sheet after {}\n", sheet.sku, sheet.source);
  for (const DeviceSheet& sheet : sheets) text += gaps_text(sheet);
  text += fmt::format(
      "\nid: draft-{}                     # names files, reports and commands: give it the procurement's own\n"
      "title: \"TODO: what is bought\"\n"
      "buyer: \"TODO: the buyer\"\n"
      "supplier: \"TODO: the supplier\"\n"
      "date: TODO                          # the day of signing, YYYY-MM-DD as Korea counts it\n"
      "suite: acceptance                   # {{name: acceptance, sha256: ...}} also fixes its bytes\n",
      fmt::join(skus, "-"));
  text += several ? fmt::format("skus: [{}]\n", fmt::join(skus, ", ")) : fmt::format("sku: {}\n", skus.front());
  text +=
      "\n# What was delivered, as `geomsu devices` prints it; what is missing is missed. A long list stands in a CSV "
      "file\n"
      "# (columns serial,uuid,node,rack,sku,use,tranche) beside this one, and several tranches each have their own:\n"
      "#   delivery: {inspected: 1차, tranches: [{name: 1차, due: 2026-03-31, list: lists/1.csv, sha256: ...}, ...]}\n"
      "delivery:\n  tranche: 1차\n  units:\n";
  for (const std::string& sku : skus) {
    text += several ? fmt::format("    - {{serial: TODO, node: TODO, sku: {}}}\n", sku)
                    : std::string("    - {serial: TODO, node: TODO}\n");
  }
  return text +
         "\n# With a price, figures per won can be asked for (`scope: lot`, `per: capex`):\n"
         "# price: {amount: 1조 4,590억원, vat: excluded, counted_units: all}\n"
         "\nclauses:\n";
}

}  // namespace

bool is_to_do(std::string_view text) {
  if (!text.starts_with(kToDo)) return false;
  text.remove_prefix(kToDo.size());
  return text.empty() || text.front() == ':' || text.front() == ' ';
}

std::string draft_contract(const std::vector<DeviceSheet>& sheets, const std::string& today) {
  std::string text = head_text(sheets, today);
  for (const DeviceSheet& sheet : sheets) {
    for (const Cell& cell : kCells) {
      const auto peak = sheet.sure_peak(std::string(cell.key));
      if (!peak || cell.operation.empty()) continue;
      for (const bool tail : {false, true}) text += clause_text(sheet, cell, *peak, sheets.size() > 1, tail, today);
    }
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace geomsu
