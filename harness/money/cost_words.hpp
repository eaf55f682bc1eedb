// Names and rules of the lines of a cost, in Korean and English.
#pragma once

#include "harness/money/cost.hpp"

namespace geomsu {

Words kind_words(CostKind kind);
Words basis_words(PowerBasis basis);
Words line_name(const std::string& name, CostKind kind, std::uint32_t year);
// The rule of a line: `base` and, where the terms discount and the year is not 0, how.
Words line_rule(const CostTerms& terms, const Words& base, std::uint32_t year);

Words capex_rule();
Words energy_rule(const EnergyTerms& energy);
Words yearly_rule(const YearlyItem& item);
Words rental_rule();
Words residual_rule();
Words share_rule(std::uint32_t of, std::uint32_t units);

}  // namespace geomsu
