// Delivery lists (CSV), as a contract reads them: the hash is right, so that every byte reaches the reader.
#include <set>

#include "harness/base/hash.hpp"
#include "tests/fuzz/demand.hpp"

namespace geomsu::fuzz {
namespace {

std::string contract_naming(std::string_view list) {
  return R"(id: fuzz
title: fuzz
buyer: a
supplier: b
date: 2026-01-01
suite: acceptance
delivery:
  inspected: first
  tranches:
    - {name: first, due: 2026-03-31, list: first.csv, sha256: ")" +
         sha256_hex(list) + R"("}
clauses:
  - id: gemm
    clause: "1"
    measure: gemm.throughput
    workload: {dtype: fp32, m: 2048, n: 2048, k: 2048, concurrency: node}
    scope: device
    statistic: median
    at_least: 5 GFLOP/s
    tolerance: 0 %
    confidence: 95 %
    if_unsupported: fail
    if_inconclusive: reinspect
    provenance: {source: fuzz, date: 2026-01-01, by: fuzz, concurrency: node}
)";
}

void one(std::string_view list) {
  const auto read = [list](const std::string& path) {
    return path == "first.csv" ? std::optional(std::string(list)) : std::nullopt;
  };
  const Loaded<Contract> loaded =
      parse_contract(contract_naming(list), "contract.yaml", nullptr, nullptr, nullptr, read);
  bool errors = false;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    errors = errors || diagnostic.severity == Diagnostic::Severity::kError;
    demand(!diagnostic.what.empty() && !diagnostic.why.empty() && !diagnostic.next.empty(), "a refusal without words");
    demand(diagnostic.line >= 1 && diagnostic.column >= 1, "a refusal without a place");
  }
  demand(errors != loaded.value.has_value(), "a value beside an error, or neither");
  if (!loaded.value) return;
  std::set<std::string> serials;
  for (const DeliveredUnit& unit : loaded.value->delivery.units) {
    demand(!unit.serial.empty(), "a unit without a serial");
    demand(serials.insert(unit.serial).second, "one serial twice: one unit would be missing unseen");
  }
  demand(!serials.empty(), "an empty list was taken");
}

}  // namespace
}  // namespace geomsu::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  geomsu::fuzz::one(geomsu::fuzz::text_of(data, size));
  return 0;
}
