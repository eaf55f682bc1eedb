// A small valid contract whose lines are known by number, and ways to break it.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/contract/contract.hpp"

namespace geomsu::test {

inline const std::vector<std::string>& base_lines() {
  static const std::vector<std::string> lines{
      "id: base",                                                                              // 1
      "title: 시험 계약",                                                                      // 2
      "buyer: A",                                                                              // 3
      "supplier: B",                                                                           // 4
      "date: 2026-02-01",                                                                      // 5
      "suite: five",                                                                           // 6
      "sku: h100-sxm",                                                                         // 7
      "delivery:",                                                                             // 8
      "  units:",                                                                              // 9
      "    - {serial: S1, node: n1}",                                                          // 10
      "    - {serial: S2, node: n1}",                                                          // 11
      "price: {amount: 1억원, vat: excluded, counted_units: all}",                             // 12
      "clauses:",                                                                              // 13
      "  - id: gemm",                                                                          // 14
      "    clause: 별표 2",                                                                    // 15
      "    measure: gemm.throughput",                                                          // 16
      "    workload: {dtype: bf16, m: 512, n: 512, k: 512, data: normal, concurrency: node}",  // 17
      "    scope: device",                                                                     // 18
      "    statistic: median",                                                                 // 19
      "    at_least: 800 TFLOP/s",                                                             // 20
      "    tolerance: 0 %",                                                                    // 21
      "    confidence: 95 %",                                                                  // 22
      "    if_unsupported: fail",                                                              // 23
      "    if_inconclusive: reinspect",                                                        // 24
      "    provenance: {source: s, date: 2026-01-01, by: b, concurrency: node}",               // 25
  };
  return lines;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// Line by number (1-based) and what stands there instead; several lines where it holds line ends; "-" deletes it.
using Edits = std::vector<std::pair<std::size_t, std::string>>;

inline std::string edited(const Edits& edits) {
  std::vector<std::string> lines = base_lines();
  for (const auto& [number, text] : edits) lines.at(number - 1) = text;
  std::string result;
  for (const std::string& line : lines) {
    if (line != "-") result += line + "\n";
  }
  return result;
}

// The median's one-sided bounds exist where 2^-n <= 1 - confidence, those of p05 and p95 where 0.95^n is.
inline bool median_bound_exists(std::string_view statistic, std::uint32_t n, double confidence, std::uint32_t* needed) {
  std::uint32_t least = 1;
  const double each = statistic == "median" ? 0.5 : statistic == "min" || statistic == "max" ? 0 : 0.95;
  while (std::pow(each, least) > 1 - confidence) ++least;
  if (needed != nullptr) *needed = least;
  return n >= least;
}

inline Suite suite_of(std::uint32_t blocks) {
  Suite suite;
  suite.name = "five";
  suite.blocks = blocks;
  return suite;
}

// Three generations of one vendor, and one of another.
inline SheetLibrary sheets() {
  const auto sheet = [](const std::string& sku, const std::string& vendor, double bf16, double bandwidth) {
    DeviceSheet made;
    made.sku = sku;
    made.vendor = vendor;
    made.source = "test";
    made.peaks = {{"bf16", bf16}, {"bandwidth", bandwidth}};
    return made;
  };
  SheetLibrary library;
  library.sheets = {sheet("a100-sxm", "NVIDIA", 312e12, 2.0e12), sheet("h100-sxm", "NVIDIA", 989e12, 3.35e12),
                    sheet("b200-sxm", "NVIDIA", 2250e12, 8.0e12), sheet("mi300x", "AMD", 1307e12, 5.3e12)};
  library.sheets.back().check = {"bf16"};
  return library;
}

inline Loaded<Contract> parse(std::string_view text, std::uint32_t blocks = 30) {
  const Suite suite = suite_of(blocks);
  const SheetLibrary library = sheets();
  return parse_contract(text, "c.yaml", &suite, &library, median_bound_exists);
}

inline std::vector<std::string> texts(const std::vector<Diagnostic>& list, Diagnostic::Severity severity) {
  std::vector<std::string> result;
  for (const Diagnostic& item : list) {
    if (item.severity == severity) result.push_back(item.text());
  }
  return result;
}
inline std::vector<std::string> errors(const std::vector<Diagnostic>& list) {
  return texts(list, Diagnostic::Severity::kError);
}
inline std::vector<std::string> warnings(const std::vector<Diagnostic>& list) {
  return texts(list, Diagnostic::Severity::kWarning);
}

}  // namespace geomsu::test
