// geomsu cost: what a delivery costs over its years, and what it gives per won.
#include <memory>

#include "harness/base/files.hpp"
#include "harness/cli/cost_view.hpp"
#include "harness/cli/money_view.hpp"
#include "harness/cli/verbs.hpp"

namespace geomsu::cli {
namespace {

constexpr std::uint64_t kSheetBytes = 1u << 20;

CostResult result_of(const CostSheet& sheet, const CostTerms& terms) {
  CostResult result;
  result.terms = &terms;
  result.cost = cost_of(terms);
  result.node = share_of(terms, result.cost, terms.units_a_node);
  result.unit = share_of(terms, result.cost, 1);
  for (const Performance& performance : sheet.performances) {
    result.figures.push_back(per_won_figure(terms, result.cost, performance));
  }
  result.tornado = sensitivity(terms, sheet.ranges);
  return result;
}

int print_cost(Context& context, const std::string& name) {
  const std::filesystem::path path = Search(context.search).config("costs", name);
  const CostSheet sheet =
      read_sheet_or_throw(context.console, parse_cost_sheet(read_file(path, kSheetBytes), path.string()), "the sheet");
  std::vector<CostResult> results;
  std::vector<BreakEven> break_even;
  for (const CostTerms& terms : sheet.options) results.push_back(result_of(sheet, terms));
  for (const CostTerms& buy : sheet.options) {
    for (const CostTerms& rent : sheet.options) {
      if (!buy.rentals.empty() || rent.rentals.empty()) continue;
      break_even.push_back({buy.id, rent.id, break_even_hours(buy, rent)});
    }
  }
  context.console.out(context.console.json() ? cost_document(sheet, results, break_even)
                                             : cost_page(sheet, results, break_even, context.console.language()));
  return 0;
}

}  // namespace

Action declare_cost(Options& take) {
  const auto name = std::make_shared<std::string>();
  take.text("SHEET", *name, "Cost sheet: a file, or a name of configs/costs", true);
  return [name](Context& context) { return print_cost(context, *name); };
}

}  // namespace geomsu::cli
