#include "harness/contract/cost_sheet.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/contract/cost_terms.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/money_fields.hpp"

namespace geomsu {
namespace {

Performance read_performance(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a performance", diagnostics);
  MoneyReader money(reader, diagnostics);
  Performance performance;
  performance.name = money.text("name", "the figure is called by it");
  performance.regime = money.text("regime", "training and prefill never stand in one ranking");
  std::string upper_unit;
  performance.lower = money.with_unit("lower", performance.unit);
  performance.upper = money.with_unit("upper", upper_unit);
  performance.source = money.source();
  const bool tokens = performance.unit == "tokens/s";
  if (tokens) {
    performance.availability = money.ratio("availability");
    performance.utilisation = money.ratio("utilisation");
  }
  reader.finish();
  if (!reader.is_map()) return performance;
  if (performance.unit != upper_unit && !performance.unit.empty() && !upper_unit.empty()) {
    diagnostics.error(node.at,
                      fmt::format("'lower' is in {}, 'upper' in {}", shown(performance.unit), shown(upper_unit)),
                      {"an interval has one unit", "write both in the same"});
  } else if (performance.lower.value > performance.upper.value) {
    diagnostics.error(node.at, "'lower' is above 'upper'", {"an interval has its lower bound first", "exchange them"});
  }
  return performance;
}

Figure read_bound(MapReader& reader, const std::string& key, Term term, Diagnostics& diagnostics) {
  MoneyReader money(reader, diagnostics);
  switch (term) {
    case Term::kTariff:
      return read_tariff_price(reader, key, diagnostics);
    case Term::kPue:
      return money.exact(key, {{"", Rational(1)}}, {Rational(1), Rational(5)}, "1.1");
    case Term::kHours:
      return money.exact(key, {{"h", Rational(1)}}, {Rational(0), Rational(kHoursAYear)}, "6,000 h");
    case Term::kFx:
      return money.ratio(key, {Rational::of(-9, 10), Rational(10)});
    case Term::kLoad:
    case Term::kResidual:
    case Term::kDiscount:
      break;
  }
  return money.ratio(key);
}

TermRange read_range(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a range", diagnostics);
  MoneyReader money(reader, diagnostics);
  TermRange range;
  const auto term = reader.required_choice<Term>("term",
                                                 {{"tariff", Term::kTariff},
                                                  {"pue", Term::kPue},
                                                  {"load", Term::kLoad},
                                                  {"hours", Term::kHours},
                                                  {"residual", Term::kResidual},
                                                  {"discount", Term::kDiscount},
                                                  {"fx", Term::kFx}},
                                                 {"one term moves and the others stay", "write `term: tariff`"});
  reader.optional_node("low");
  reader.optional_node("high");
  if (term) {
    range.term = *term;
    range.low = read_bound(reader, "low", *term, diagnostics);
    range.high = read_bound(reader, "high", *term, diagnostics);
    if (!diagnostics.has_error() && range.low.value > range.high.value) {
      diagnostics.error(node.at, "'low' is above 'high'", {"a range has its lower end first", "exchange them"});
    }
  }
  range.source = money.source();
  reader.finish();
  return range;
}

CostTerms read_option(const YamlNode& node, const CostTerms& common, Diagnostics& diagnostics) {
  MapReader reader(node, "an option", diagnostics);
  CostTerms terms = common;
  terms.id = required_id(reader, "id", diagnostics).value_or("");
  terms.name = MoneyReader(reader, diagnostics).text("name", "the table is called by it");
  read_way_to_pay(reader, terms, diagnostics);
  reader.finish();
  if (diagnostics.has_error()) return terms;
  try {  // what only the sum shows: an amount that leaves 64 bits
    cost_of(terms);
  } catch (const Error& error) {
    diagnostics.error(node.at, error.message(), {"every line is whole won of 64 bits", error.next()});
  }
  return terms;
}

CostSheet read_sheet(const YamlNode& root, Diagnostics& diagnostics) {
  MapReader reader(root, "the cost sheet", diagnostics);
  MoneyReader money(reader, diagnostics);
  CostSheet sheet;
  sheet.id = required_id(reader, "cost", diagnostics).value_or("");
  sheet.title = money.text("title", "the page is called by it");
  sheet.illustration = illustration_of(reader).value_or(false);
  CostTerms common;
  read_common_cost(reader, common, diagnostics);
  const Advice advice{"a cost is of one way to pay or several", "write `options:` and a list of them"};
  reader.required_node("options", advice);
  for (const YamlNode* item : money.items("options")) {
    sheet.options.push_back(read_option(*item, common, diagnostics));
    const std::string& id = sheet.options.back().id;
    const auto same =
        std::count_if(sheet.options.begin(), sheet.options.end(), [&](const CostTerms& one) { return one.id == id; });
    if (same > 1 && !id.empty()) {
      diagnostics.error(item->at, fmt::format("the option {} stands twice", shown(id)),
                        {"tables are called by it", "give it another id"});
    }
  }
  for (const YamlNode* item : money.items("performance")) {
    sheet.performances.push_back(read_performance(*item, diagnostics));
  }
  for (const YamlNode* item : money.items("sensitivity")) sheet.ranges.push_back(read_range(*item, diagnostics));
  reader.finish();
  return sheet;
}

}  // namespace

Loaded<CostSheet> parse_cost_sheet(std::string_view yaml, const std::string& name) {
  Diagnostics diagnostics(name);
  Loaded<CostSheet> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    CostSheet sheet = read_sheet(*root, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(sheet);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
