// What all bundles of a lot are held against: one contract, one suite.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/judge/judge.hpp"

namespace geomsu {

struct LotTerms {
  Terms terms;
  std::string contract_sha256, suite_sha256;
  std::vector<std::string> notes;  // where bundles differ
};

// `contract`: the file that is meant; absent: the contract that most bundles have (of equally many the one with the
// lesser hash, so that names decide nothing). The suite is the one that most bundles of it have. Errors: kNoInput
// where there is no bundle or no such file, kBadData where no bundle can be read that has this contract.
LotTerms find_lot_terms(const std::filesystem::path& lot, const std::vector<std::filesystem::path>& bundles,
                        const std::optional<std::filesystem::path>& contract);

// Error kBadData: why a bundle that was read is no evidence of this lot.
void check_terms(const Evidence& evidence, const LotTerms& terms);

}  // namespace geomsu
