// A settlement sheet: a contract's amounts and what came of its parts, with their dates.
#pragma once

#include <string>
#include <string_view>

#include "harness/contract/contract.hpp"
#include "harness/money/settlement.hpp"

namespace geomsu {

struct SettlementSheet {
  SettlementTerms terms;
  std::string law;            // a name of configs/law, or a path
  bool illustration = false;  // no real contract
};

Loaded<SettlementSheet> parse_settlement_sheet(std::string_view yaml, const std::string& name);

}  // namespace geomsu
