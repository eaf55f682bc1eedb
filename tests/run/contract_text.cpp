#include "tests/run/contract_text.hpp"

#include <fmt/format.h>

namespace geomsu::test {

ClauseText gemm_clause() { return {}; }

ClauseText triad_clause() {
  ClauseText clause;
  clause.id = "triad";
  clause.measure = "memory.bandwidth";
  clause.workload = "{kind: triad, dtype: fp64, bytes: 65536, concurrency: node}";
  clause.bar = "at_least: 800 MB/s";
  return clause;
}

std::string contract_text(const std::vector<ClauseText>& clauses, const std::vector<std::string>& serials) {
  std::string text =
      "id: fake-run\ntitle: A run on fake devices\nbuyer: B\nsupplier: S\ndate: 2026-01-02\nsuite: quick\n";
  if (serials.empty()) {
    text += "demonstration: true\ndelivery: {discover: true}\n";
  } else {
    text += "delivery:\n  units:\n";
    for (const std::string& serial : serials) text += fmt::format("    - {{serial: {}}}\n", serial);
  }
  text += "clauses:\n";
  for (const ClauseText& clause : clauses) {
    text += fmt::format(
        "  - id: {}\n    clause: art. 1\n    measure: {}\n    workload: {}\n    scope: {}\n    statistic: {}\n    "
        "{}\n"
        "    tolerance: {}\n    confidence: 95 %\n    if_unsupported: {}\n    if_inconclusive: reinspect\n"
        "    provenance: {{source: s, date: 2026-01-01, by: b, concurrency: node}}\n",
        clause.id, clause.measure, clause.workload, clause.scope, clause.statistic, clause.bar, clause.tolerance,
        clause.if_unsupported);
    for (const std::string& line : clause.more) text += "    " + line + "\n";
  }
  return text;
}

std::string suite_text(int blocks, int block_ms, int soak_s) {
  return fmt::format("name: quick\nblocks: {}\nblock_min: {} ms\nwarmup: 200 ms\nsoak: {} s\n", blocks, block_ms,
                     soak_s);
}

std::string device_text(const std::string& serial, const std::string& faults, const std::string& more) {
  return fmt::format(
      "  - {{serial: {0}, uuid: uuid-{0}, speed: {{gemm: 5 MFLOP/s, memory: 1 GB/s}}{1}{2}, faults: [{3}]}}\n", serial,
      more.empty() ? "" : ", ", more, faults);
}

std::string script_text(const std::vector<std::string>& devices) {
  std::string text = "seed: 7\ndevices:\n";
  for (const std::string& device : devices) text += device;
  return text;
}

}  // namespace geomsu::test
