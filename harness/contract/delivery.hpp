// What was delivered and for how much: the delivery list and the price block of a contract.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {

// What the rest of the contract says, that a delivery is held against.
struct DeliveryTerms {
  bool demonstration = false;
  std::string date;               // of the contract, to hold due dates against; empty or no date where that is wrong
  std::vector<std::string> skus;  // that the contract names
};

// One list (`units:` or `list:`), several `tranches:` of which one is `inspected:`, or `{discover: true}`, which only a
// demonstration may say. An empty list is refused: nothing inspected is never accepted.
// Where the contract has one SKU, each unit is of it.
Delivery read_delivery(const YamlNode& node, const DeliveryTerms& terms, const ReadList& read_list,
                       Diagnostics& diagnostics);

// `amount` (or `unknown`), `vat` and `counted_units`, none of which has a default.
std::optional<Price> read_price(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace geomsu
