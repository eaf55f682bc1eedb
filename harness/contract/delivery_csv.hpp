// A delivery list from the bytes of its CSV file. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "harness/contract/delivered_unit.hpp"

namespace geomsu {

// A header names the columns, in any order: serial, uuid, node, rack, sku, use, tranche; `serial` or `uuid` is among
// them. Each row is a unit. `diagnostics` is the file's own. Units with an error are left out; after many errors the
// rest is counted only.
std::vector<ListedUnit> read_delivery_csv(std::string_view bytes, Diagnostics& diagnostics);

}  // namespace geomsu
