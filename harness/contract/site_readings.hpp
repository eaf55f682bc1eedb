// `readings:` of a site file: what whoever runs the inspection read off the site's own meters. A contract's
// `site_limits` are held against them; geomsu has no thermometer in the hall.
#pragma once

#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// Conditions are those of `site_limits`, each read once. A reading says by which meter, by whom and on which day.
std::vector<SiteReading> read_site_readings(MapReader& reader, Diagnostics& diagnostics);

}  // namespace geomsu
