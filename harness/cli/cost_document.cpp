#include <fmt/format.h>

#include "harness/cli/cost_view.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/money_view.hpp"

namespace geomsu::cli {
namespace {

constexpr std::string_view kKinds[] = {"capex", "energy", "hosting", "maintenance", "other", "rental", "residual"};
constexpr std::string_view kTerms[] = {"tariff", "pue", "load", "hours", "residual", "discount", "fx"};

std::string total_json(const CostTotal& total) {
  return JsonObject()
      .number("excluding_vat", total.excluding_vat.value)
      .number("vat", total.vat.value)
      .number("including_vat", total.including_vat.value)
      .str();
}

std::string lines_json(const std::vector<CostLine>& lines) {
  std::vector<std::string> items;
  for (const CostLine& one : lines) {
    items.push_back(JsonObject()
                        .text("kind", kKinds[static_cast<std::size_t>(one.kind)])
                        .number("year", one.year)
                        .raw("line", line_json(one.line))
                        .number("excluding_vat", one.excluding_vat.value)
                        .number("vat", one.vat.value)
                        .number("including_vat", one.including_vat.value)
                        .str());
  }
  return json_array(items);
}

// Exact fractions as text, which no reader of JSON rounds.
std::string interval_json(const std::optional<Interval>& interval, const std::string& unit, const Working& working) {
  if (!interval) return "null";
  return JsonObject()
      .text("lower", interval->lower.text())
      .text("upper", interval->upper.text())
      .text("unit", unit)
      .text("working", working.text())
      .str();
}

std::string figure_json(const PerWonFigure& figure) {
  return JsonObject()
      .text("name", figure.name)
      .text("regime", figure.regime)
      .number("counted", figure.counted)
      .raw("per_capex", interval_json(figure.per_capex, figure.unit + "/억원", figure.working_capex))
      .raw("per_total", interval_json(figure.per_total, figure.unit + "/억원", figure.working_total))
      .raw("tokens_per_won", interval_json(figure.tokens_per_won, "tokens/원", figure.working_tokens))
      .text("source", figure.source)
      .str();
}

std::string tornado_json(const std::vector<TornadoRow>& rows) {
  std::vector<std::string> items;
  for (const TornadoRow& row : rows) {
    items.push_back(JsonObject()
                        .text("term", kTerms[static_cast<std::size_t>(row.term)])
                        .text("low", row.low)
                        .number("at_low", row.at_low.value)
                        .text("high", row.high)
                        .number("at_high", row.at_high.value)
                        .number("swing", row.swing().value)
                        .text("source", row.source)
                        .str());
  }
  return json_array(items);
}

std::string option_json(const CostResult& result) {
  std::vector<std::string> figures;
  for (const PerWonFigure& figure : result.figures) figures.push_back(figure_json(figure));
  const auto share = [](const std::vector<CostLine>& lines) {
    return JsonObject().raw("lines", lines_json(lines)).raw("total", total_json(total_of(lines))).str();
  };
  return JsonObject()
      .text("id", result.terms->id)
      .text("name", result.terms->name)
      .raw("lines", lines_json(result.cost.lines))
      .raw("capex", total_json(result.cost.capex))
      .raw("total", total_json(result.cost.total))
      .raw("node", share(result.node))
      .raw("unit", share(result.unit))
      .raw("figures", json_array(figures))
      .raw("sensitivity", tornado_json(result.tornado))
      .str();
}

}  // namespace

std::string cost_document(const CostSheet& sheet, const std::vector<CostResult>& results,
                          const std::vector<BreakEven>& break_even) {
  const CostTerms& terms = sheet.options.front();
  std::vector<std::string> options, even;
  for (const CostResult& result : results) options.push_back(option_json(result));
  for (const BreakEven& one : break_even) {
    even.push_back(JsonObject()
                       .text("buy", one.buy)
                       .text("rent", one.rent)
                       .raw("hours_a_year", one.hours ? won_json(*one.hours) : "null")
                       .str());
  }
  return JsonObject()
             .text("cost", sheet.id)
             .text("title", sheet.title)
             .boolean("illustration", sheet.illustration)
             .number("years", terms.years)
             .text("in_service", day_text(terms.in_service))
             .text("prices", terms.prices_with_vat ? "included" : "excluded")
             .text("basis", terms.judged_with_vat ? "included" : "excluded")
             .number("units", terms.units)
             .number("nodes", terms.nodes())
             .text("counted", terms.counts_state_units ? "state_use" : "all")
             .number("counted_units", terms.counted_units())
             .raw("options", json_array(options))
             .raw("break_even", json_array(even))
             .str() +
         "\n";
}

}  // namespace geomsu::cli
