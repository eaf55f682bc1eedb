#include "harness/contract/cost_terms.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/money_fields.hpp"

namespace geomsu {
namespace {

constexpr std::uint32_t kMostUnits = 10'000'000, kMostYears = 50;

void read_units(const YamlNode& node, CostTerms& terms, Diagnostics& diagnostics) {
  MapReader reader(node, "'units'", diagnostics);
  MoneyReader money(reader, diagnostics);
  terms.units = money.count("all", 1, kMostUnits);
  terms.units_a_node = money.count("a_node", 1, kMostUnits);
  terms.state_units = money.has("state_use") ? money.count("state_use", 1, kMostUnits) : 0;
  terms.counts_state_units =
      reader
          .required_choice<bool>("counted", {{"all", false}, {"state_use", true}},
                                 {"the choice moves a figure per won by a fifth, so nothing is assumed",
                                  "write `counted: all` or `counted: state_use`"})
          .value_or(false);
  reader.finish();
  if (!reader.is_map() || diagnostics.has_error()) return;
  if (terms.units % terms.units_a_node != 0) {
    diagnostics.error(node.at, fmt::format("{} units make no whole nodes of {}", terms.units, terms.units_a_node),
                      {"the cost of a node is a share of the delivery's", "correct `all` or `a_node`"});
  }
  if (terms.counts_state_units && terms.state_units == 0) {
    diagnostics.error(node.at, "State-use units are counted and nobody says how many there are",
                      {"an empty count is no figure", "add `state_use: N`"});
  }
  if (terms.state_units > terms.units) {
    diagnostics.error(node.at, fmt::format("{} of {} units are for State use", terms.state_units, terms.units),
                      {"they are a part of all", "correct `state_use` or `all`"});
  }
}

void read_fx(MapReader& reader, CostTerms& terms, Diagnostics& diagnostics) {
  MoneyReader money(reader, diagnostics);
  for (const YamlNode* item : money.items("fx")) {
    MapReader one(*item, "an exchange rate", diagnostics);
    MoneyReader fields(one, diagnostics);
    FxRate rate;
    rate.currency = fields.text("currency", "a rate is of one currency");
    if (rate.currency.size() != 3 || rate.currency == "KRW") {
      diagnostics.error(item->at, fmt::format("{} is no foreign currency", shown(rate.currency)),
                        {"a currency is named by its three letters", "write `currency: USD`"});
    }
    rate.won =
        fields.exact("won", {{"", Rational(1)}, {"원", Rational(1)}}, {Rational::of(1, 1'000'000), {}}, "1,380.5");
    rate.date = day_text(fields.day("date"));
    rate.won.source = fields.source();
    one.finish();
    terms.fx.push_back(std::move(rate));
  }
}

std::vector<std::string> currencies(const CostTerms& terms) {
  std::vector<std::string> names;
  for (const FxRate& rate : terms.fx) names.push_back(rate.currency);
  return names;
}

void read_pue(const YamlNode* node, Mark at, EnergyTerms& energy, Diagnostics& diagnostics) {
  if (energy.basis == PowerBasis::kWall) {
    energy.pue = {Rational(1), {}, {}};
    if (node != nullptr) {
      diagnostics.error(node->at, "'pue' stands beside power at the wall",
                        {"what is metered at the wall holds the cooling, and would be multiplied twice",
                         "remove `pue`, or write `of: node`"});
    }
    return;
  }
  if (node == nullptr) {
    diagnostics.error(at, "'energy' has no 'pue'",
                      {"cooling is paid too", "write `pue: {value: 1.3, metered: false, source: ...}`"});
    return;
  }
  MapReader reader(*node, "'pue'", diagnostics);
  MoneyReader money(reader, diagnostics);
  energy.pue = money.exact("value", {{"", Rational(1)}}, {Rational(1), Rational(5)}, "1.3");
  energy.pue_metered = reader.optional_flag("metered").value_or(false);
  energy.pue.source = money.source();
  reader.finish();
}

void read_tariffs(MapReader& reader, const CostTerms& terms, EnergyTerms& energy, Diagnostics& diagnostics) {
  MoneyReader money(reader, diagnostics);
  const std::vector<const YamlNode*> items = money.items("tariff");
  const Advice advice{"a tariff is in force from a day on",
                      "write `tariff: [{from: 2026-01-01, price: 180원/kWh, source: ...}]`"};
  if (items.empty() && !money.has("tariff") && reader.is_map())
    diagnostics.error(reader.at(), "'energy' has no 'tariff'", advice);
  for (const YamlNode* item : items) {
    MapReader one(*item, "a tariff", diagnostics);
    MoneyReader fields(one, diagnostics);
    Tariff tariff;
    tariff.from = fields.day("from");
    tariff.won_per_kwh = read_tariff_price(one, "price", diagnostics);
    tariff.won_per_kwh.source = fields.source();
    one.finish();
    if (!energy.tariffs.empty() && tariff.from <= energy.tariffs.back().from) {
      diagnostics.error(item->at, "the tariffs are not in order of their days",
                        {advice.why, "write the earlier one first"});
    }
    energy.tariffs.push_back(std::move(tariff));
  }
  if (!items.empty() && energy.tariffs.front().from > terms.in_service) {
    diagnostics.error(items.front()->at, "no tariff is in force when service begins on " + day_text(terms.in_service),
                      advice);
  }
}

EnergyTerms read_energy(const YamlNode& node, const CostTerms& terms, Diagnostics& diagnostics) {
  MapReader reader(node, "'energy'", diagnostics);
  MoneyReader money(reader, diagnostics);
  EnergyTerms energy;
  energy.kilowatts = money.exact("power", {{"kW", Rational(1)}, {"W", Rational::of(1, 1000)}, {"MW", Rational(1000)}},
                                 {Rational(0), {}}, "14.3 kW");
  energy.basis = reader
                     .required_choice<PowerBasis>(
                         "of", {{"unit", PowerBasis::kUnit}, {"node", PowerBasis::kNode}, {"wall", PowerBasis::kWall}},
                         {"a board draws less than its share of a node, and a node less than the wall gives",
                          "write `of: unit`, `node` or `wall`"})
                     .value_or(PowerBasis::kNode);
  energy.measured =
      reader
          .required_choice<bool>("basis", {{"measured", true}, {"declared", false}},
                                 {"a declared figure is labelled so", "write `basis: measured` or `declared`"})
          .value_or(false);
  if (energy.measured) energy.meter = money.text("meter", "a measured figure has a meter and its class");
  energy.load = money.ratio("load");
  energy.kilowatts.source = money.source();
  read_pue(reader.optional_node("pue"), node.at, energy, diagnostics);
  read_tariffs(reader, terms, energy, diagnostics);
  reader.finish();
  return energy;
}

YearlyItem read_yearly(const YamlNode& node, const CostTerms& terms, Diagnostics& diagnostics) {
  MapReader reader(node, "a yearly item", diagnostics);
  MoneyReader money(reader, diagnostics, currencies(terms));
  YearlyItem item;
  item.kind = reader
                  .required_choice<YearlyKind>("kind",
                                               {{"hosting", YearlyKind::kHosting},
                                                {"maintenance", YearlyKind::kMaintenance},
                                                {"other", YearlyKind::kOther}},
                                               {"it is listed under this", "write `kind: hosting`"})
                  .value_or(YearlyKind::kOther);
  item.name = money.text("name", "the line is called by it");
  if (money.has("share_of_capex")) {
    item.share_of_capex = money.ratio("share_of_capex");
  } else {
    item.each = money.price("each");
    item.count = money.count("count", 1, kMostUnits);
    item.periods = reader
                       .required_choice<std::uint32_t>("every", {{"year", 1}, {"month", 12}},
                                                       {"it is paid again and again", "write `every: year` or `month`"})
                       .value_or(1);
  }
  if (money.has("from_year")) item.from_year = money.count("from_year", 1, kMostYears);
  item.source = money.source();
  reader.finish();
  return item;
}

Rental read_rental(const YamlNode& node, const CostTerms& terms, Diagnostics& diagnostics) {
  MapReader reader(node, "a rental", diagnostics);
  MoneyReader money(reader, diagnostics, currencies(terms));
  Rental rental;
  rental.name = money.text("name", "the line is called by it");
  rental.each_hour = money.price("each_hour");
  rental.count = money.count("count", 1, kMostUnits);
  rental.hours_a_year =
      money.exact("hours_a_year", {{"h", Rational(1)}}, {Rational(0), Rational(kHoursAYear)}, "6,000 h");
  rental.source = money.source();
  reader.finish();
  return rental;
}

Residual read_residual(const YamlNode& node, const CostTerms& terms, Diagnostics& diagnostics) {
  MapReader reader(node, "'residual'", diagnostics);
  MoneyReader money(reader, diagnostics, currencies(terms));
  Residual residual;
  if (money.has("amount")) {
    residual.amount = money.price("amount");
  } else {
    residual.share_of_capex = money.ratio("share_of_capex");
  }
  residual.source = money.source();
  reader.finish();
  return residual;
}

}  // namespace

Figure read_tariff_price(MapReader& reader, const std::string& key, Diagnostics& diagnostics) {
  return MoneyReader(reader, diagnostics)
      .exact(key, {{"원/kWh", Rational(1)}, {"won/kWh", Rational(1)}}, {Rational(0), {}}, "180원/kWh");
}

void read_common_cost(MapReader& reader, CostTerms& terms, Diagnostics& diagnostics) {
  MoneyReader money(reader, diagnostics);
  terms.years = money.count("years", 1, kMostYears);
  terms.in_service = money.day("in_service");
  terms.prices_with_vat = money.vat_included("prices");
  terms.judged_with_vat = money.vat_included("basis");
  if (const YamlNode* vat =
          reader.required_node("vat", {"both figures are printed", "write `vat: {rate: 10 %, source: ...}`"})) {
    MapReader one(*vat, "'vat'", diagnostics);
    MoneyReader fields(one, diagnostics);
    terms.vat = fields.ratio("rate");
    terms.vat.source = fields.source();
    one.finish();
  }
  if (const YamlNode* discount = reader.optional_node("discount")) {
    MapReader one(*discount, "'discount'", diagnostics);
    MoneyReader fields(one, diagnostics);
    terms.discount = fields.ratio("rate");
    terms.discount->source = fields.source();
    one.finish();
  }
  const Advice units{"a cost is of so many units", "write `units: {all: 64, a_node: 8, counted: all}`"};
  if (const YamlNode* node = reader.required_node("units", units)) read_units(*node, terms, diagnostics);
  read_fx(reader, terms, diagnostics);
}

void read_way_to_pay(MapReader& reader, CostTerms& terms, Diagnostics& diagnostics) {
  MoneyReader money(reader, diagnostics);
  for (const YamlNode* node : money.items("capex")) {
    MapReader one(*node, "a purchase", diagnostics);
    MoneyReader fields(one, diagnostics, currencies(terms));
    CapexItem item;
    item.name = fields.text("name", "the line is called by it");
    item.each = fields.price("each");
    item.count = fields.count("count", 1, kMostUnits);
    item.source = fields.source();
    one.finish();
    terms.capex.push_back(std::move(item));
  }
  for (const YamlNode* node : money.items("rental")) terms.rentals.push_back(read_rental(*node, terms, diagnostics));
  if (const YamlNode* node = reader.optional_node("energy")) terms.energy = read_energy(*node, terms, diagnostics);
  for (const YamlNode* node : money.items("yearly")) terms.yearly.push_back(read_yearly(*node, terms, diagnostics));
  if (const YamlNode* node = reader.optional_node("residual"))
    terms.residual = read_residual(*node, terms, diagnostics);
  if (!reader.is_map()) return;
  if (terms.capex.empty() && terms.rentals.empty() && !diagnostics.has_error()) {
    diagnostics.error(reader.at(), "nothing is bought and nothing is rented",
                      {"a cost without either is of nothing", "add `capex:` or `rental:`"});
  }
}

CostTerms read_cost(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "the cost", diagnostics);
  CostTerms terms;
  read_common_cost(reader, terms, diagnostics);
  read_way_to_pay(reader, terms, diagnostics);
  reader.finish();
  return terms;
}

}  // namespace geomsu
