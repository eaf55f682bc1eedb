// A cost sheet: several ways to pay for the same work, performances to divide by their cost, and ranges of terms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/money/cost_figure.hpp"
#include "harness/money/sensitivity.hpp"

namespace geomsu {

struct CostSheet {
  std::string id, title;
  bool illustration = false;  // no real prices
  std::vector<CostTerms> options;
  std::vector<Performance> performances;
  std::vector<TermRange> ranges;
};

Loaded<CostSheet> parse_cost_sheet(std::string_view yaml, const std::string& name);

}  // namespace geomsu
