// `damages:` and `shortfall:` of a contract or a settlement sheet: YAML -> terms of settlement.
#pragma once

#include "harness/contract/diagnostics.hpp"
#include "harness/contract/yaml_node.hpp"
#include "harness/money/settlement.hpp"

namespace geomsu {

// kind, order_day_counts, source; optional rate {a_day, source}, cap {share, source}, holidays. Without rate and cap
// the statutory ones on the contract's date hold. Where anything is wrong it is in `diagnostics` and the terms are not
// to be used.
DamagesTerms read_damages(const YamlNode& node, Diagnostics& diagnostics);

// remedy, at_least or at_most, source; of reduce also factor, most, reject_beyond. `measured` is required where
// `settled` (a sheet), and has no place in a contract, which is written before anything is measured.
Shortfall read_shortfall(const YamlNode& node, bool settled, Diagnostics& diagnostics);

}  // namespace geomsu
