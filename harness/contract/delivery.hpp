// What was delivered and for how much: the delivery list and the price block of a contract.
#pragma once

#include <optional>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {

// A list of serials, or `{discover: true}`, which only a demonstration may say. An empty list is refused: nothing
// inspected is never accepted.
Delivery read_delivery(const YamlNode& node, bool demonstration, const ReadList& read_list, Diagnostics& diagnostics);

// `amount` (or `unknown`), `vat` and `counted_units`, none of which has a default.
std::optional<Price> read_price(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace geomsu
