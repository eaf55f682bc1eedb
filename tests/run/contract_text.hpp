// Contracts, suites and fake devices as text, so that a test says only what is particular to it.
#pragma once

#include <string>
#include <vector>

namespace geomsu::test {

// One clause. The bars are met by the healthy device below with a fifth to spare.
struct ClauseText {
  std::string id = "gemm", measure = "gemm.throughput";
  std::string workload = "{dtype: fp32, m: 32, n: 32, k: 32, concurrency: node}";
  std::string bar = "at_least: 4 MFLOP/s";
  std::string if_unsupported = "fail", scope = "device";
  std::vector<std::string> more = {};  // further lines: "exclusive: true"
  std::string tolerance = "0 %", statistic = "median";
};
ClauseText gemm_clause();
ClauseText triad_clause();  // id "triad"

// Serials under `delivery`; a demonstration that discovers where there are none.
std::string contract_text(const std::vector<ClauseText>& clauses, const std::vector<std::string>& serials);
std::string suite_text(int blocks = 8, int block_ms = 100, int soak_s = 6);

// A device that is healthy but for `faults`, in YAML's flow style: "{kind: bit_flip}, {kind: ecc}". 5 MFLOP/s, 1 GB/s.
std::string device_text(const std::string& serial, const std::string& faults = "", const std::string& more = "");
std::string script_text(const std::vector<std::string>& devices);

}  // namespace geomsu::test
