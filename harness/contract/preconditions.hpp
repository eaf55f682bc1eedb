// `software:` and `settings:` of a contract: what a unit must have and be set to before its figures mean anything.
#pragma once

#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// A key is a field of the device (driver, firmware ...) or one of its attributes ("ecc.mode"), as `geomsu devices`
// prints them; they are open, because plug-ins name their own. Its value is a text, {exactly: ...}, {at_least: ...,
// at_most: ...}, each optionally with `sku:`, or a list of such maps, one an SKU. `skus` are the contract's.
std::vector<Precondition> read_preconditions(MapReader& reader, const std::vector<std::string>& skus,
                                             Diagnostics& diagnostics);

}  // namespace geomsu
