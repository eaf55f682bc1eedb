// Inline pictures (SVG) of the page: no script, no font and no address of their own. Each has its text alternative, and
// stands beside a table with the same numbers.
#pragma once

#include <string>

#include "harness/model/verdict.hpp"
#include "reports/exporters/figures.hpp"

namespace geomsu::html {

// Probability of acceptance against the number of nonconforming items; empty where there are no two points.
std::string characteristic_chart(const LotVerdict& lot, const LotRisks& risks);

// One clause's spread over its units, with the bar of `clause` (nullptr: of none). Empty where a figure is not finite.
std::string fleet_chart(const FleetFigure& figure, const ClauseSummary* clause);

}  // namespace geomsu::html
