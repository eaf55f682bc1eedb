// `cost:` of a contract and the terms of a cost sheet: YAML -> CostTerms. Nothing about money has a default that moves
// a figure: VAT, the counted units, tariff, PUE and load are written or refused.
#pragma once

#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/yaml_node.hpp"
#include "harness/money/cost.hpp"

namespace geomsu {

// One map with the common terms (years, in_service, prices, basis, vat, discount, units, fx) and those of one way to
// pay (capex, energy, yearly, rental, residual). Where anything is wrong it is in `diagnostics` and the terms are not
// to be used.
CostTerms read_cost(const YamlNode& node, Diagnostics& diagnostics);

// The two halves, for sheets with several ways to pay. The caller finishes its readers.
void read_common_cost(MapReader& reader, CostTerms& terms, Diagnostics& diagnostics);
void read_way_to_pay(MapReader& reader, CostTerms& terms, Diagnostics& diagnostics);

// Won a kWh from "180원/kWh"; of sheets' ranges too.
Figure read_tariff_price(MapReader& reader, const std::string& key, Diagnostics& diagnostics);

}  // namespace geomsu
