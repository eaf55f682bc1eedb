// Contracts with their suite and the device sheets, read from files; all of their diagnostics together.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/cli/search.hpp"
#include "harness/contract/contract.hpp"

namespace geomsu::cli {

struct ContractInput {
  Loaded<Contract> contract;
  Loaded<Suite> suite;                  // without value where the contract does not say which
  std::optional<DeviceSheet> sheet;     // of the contract's sku, of several the first
  SheetLibrary sheets;                  // all that were found
  std::vector<std::string> lists;       // delivery lists that the contract names, in its order
  std::vector<Diagnostic> diagnostics;  // of contract, suite and sheets
  bool ok() const { return contract.value.has_value() && suite.value.has_value(); }
};

// `name`: a file, or the name of a contract of the searched folders ("demo-cpu"); its delivery lists lie below its
// folder. Error kNoInput where a file is missing; what is wrong inside is in the diagnostics. `suite`: instead of the
// one that the contract names; empty for that.
ContractInput read_contract(const std::string& name, const Search& search, const std::string& suite = {});
// The same; Error kBadData with all diagnostics where there is an error.
ContractInput read_good_contract(const std::string& name, const Search& search, const std::string& suite = {});

SheetLibrary read_sheets(const Search& search, std::vector<Diagnostic>& diagnostics);

std::string diagnostics_text(const std::vector<Diagnostic>& diagnostics);
bool has_error(const std::vector<Diagnostic>& diagnostics);

}  // namespace geomsu::cli
