// A cost sheet with its results, as a page in Korean or English and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/cli/console.hpp"
#include "harness/contract/cost_sheet.hpp"

namespace geomsu::cli {

struct CostResult {
  const CostTerms* terms = nullptr;
  Cost cost;
  std::vector<CostLine> node, unit;
  std::vector<PerWonFigure> figures;
  std::vector<TornadoRow> tornado;
};

struct BreakEven {
  std::string buy, rent;     // ids of options
  std::optional<Won> hours;  // whole hours a year of each rented unit
};

std::string cost_page(const CostSheet& sheet, const std::vector<CostResult>& results,
                      const std::vector<BreakEven>& break_even, Language language);
std::string cost_document(const CostSheet& sheet, const std::vector<CostResult>& results,
                          const std::vector<BreakEven>& break_even);

}  // namespace geomsu::cli
