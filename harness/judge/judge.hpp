// contract + evidence -> verdict. Pure: no clock, no files, no locale, no order of units or threads can change a byte.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/contract/contract.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/model/report.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

Verdict judge(const Contract& contract, const Plan& plan, std::string_view plan_sha256, std::span<const Trial> trials);

// The same from a bundle that was read: parses its own contract.yaml and suite.yaml. Error kBadData where they do not parse.
Verdict judge(const Evidence& evidence);

Report make_report(const Evidence& evidence, const Verdict& verdict);

// What `geomsu verify` says. `lines` name each step and what it found.
struct Verification {
  bool ok = false;
  int exit_code = 0;                 // 0, 2 (outcomes differ under newer rules), 65 (bad data)
  std::vector<std::string> lines;
};
// Hashes and rows (by the reader), plan hash, then the verdict recomputed from raw rows and compared byte for byte.
Verification verify(const std::filesystem::path& dir);

// For parse_contract: whether the order-statistic bounds of stats/ exist.
bool bound_exists(std::string_view statistic, std::uint32_t n, double confidence, std::uint32_t* needed_n);

}  // namespace geomsu
