// `site_limits:` of a contract: what the site must offer while it is measured, and who answers for it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "harness/base/units.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// A condition of the site that has a name. A reading of it is of the same dimension; power usage effectiveness is a
// plain number from 1 on ("1.3"), as it is printed everywhere, and no percentage.
struct SiteCondition {
  std::string_view key;
  Dimension dimension;
  std::string_view example;  // "27 °C"
};
std::span<const SiteCondition> site_conditions();
const SiteCondition* find_site_condition(std::string_view key);  // nullptr where there is none

std::vector<SiteLimit> read_site_limits(MapReader& reader, Diagnostics& diagnostics);

}  // namespace geomsu
