#include "harness/contract/damages_terms.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/calendar.hpp"
#include "harness/contract/money_fields.hpp"

namespace geomsu {
namespace {

Figure read_sourced_ratio(const YamlNode& node, const std::string& what, const std::string& key,
                          Diagnostics& diagnostics) {
  MapReader reader(node, what, diagnostics);
  MoneyReader money(reader, diagnostics);
  Figure figure = money.ratio(key);
  figure.source = money.source();
  reader.finish();
  return figure;
}

Holidays read_holidays(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "'holidays'", diagnostics);
  MoneyReader money(reader, diagnostics);
  Holidays holidays;
  const std::vector<Choice<bool>> both{{"true", true}, {"false", false}};
  holidays.due_moves = reader
                           .required_choice<bool>("due_moves", both,
                                                  {"the contract says whether a due date on a day off moves",
                                                   "write `due_moves: true` or `false`"})
                           .value_or(false);
  holidays.weekends = reader
                          .required_choice<bool>("weekends", both,
                                                 {"the contract says whether Saturdays and Sundays are days off",
                                                  "write `weekends: true` or `false`"})
                          .value_or(false);
  for (const YamlNode* item : money.items("days")) {
    const auto text = text_value(*item, "a day off", diagnostics);
    if (!text) continue;
    const auto day = parse_date(*text);
    if (!day) {
      diagnostics.error(item->at, fmt::format("{} is no date", shown(*text)),
                        {"a day off is a day of the calendar", "write YYYY-MM-DD, like 2026-05-05"});
      continue;
    }
    holidays.days.push_back({*day});
  }
  std::sort(holidays.days.begin(), holidays.days.end());
  holidays.source = money.source();
  reader.finish();
  return holidays;
}

}  // namespace

DamagesTerms read_damages(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "'damages'", diagnostics);
  MoneyReader money(reader, diagnostics);
  DamagesTerms terms;
  terms.kind = reader
                   .required_choice<DamagesKind>("kind",
                                                 {{"goods", DamagesKind::kGoods},
                                                  {"designed_goods", DamagesKind::kDesignedGoods},
                                                  {"services", DamagesKind::kServices}},
                                                 {"each kind has a rate of its own, and the contract says which it is",
                                                  "write `kind: goods`, `designed_goods` or `services`"})
                   .value_or(DamagesKind::kGoods);
  terms.order_day_counts =
      reader
          .required_choice<bool>("order_day_counts", {{"true", true}, {"false", false}},
                                 {"a correction that is ordered after the due date counts from the order, and the "
                                  "contract says whether with that day",
                                  "write `order_day_counts: true` or `false`"})
          .value_or(true);
  if (const YamlNode* rate = reader.optional_node("rate")) {
    terms.a_day = read_sourced_ratio(*rate, "'rate'", "a_day", diagnostics);
  }
  if (const YamlNode* cap = reader.optional_node("cap")) {
    terms.cap = read_sourced_ratio(*cap, "'cap'", "share", diagnostics);
  }
  if (const YamlNode* holidays = reader.optional_node("holidays"))
    terms.holidays = read_holidays(*holidays, diagnostics);
  terms.source = money.source();
  reader.finish();
  return terms;
}

Shortfall read_shortfall(const YamlNode& node, bool settled, Diagnostics& diagnostics) {
  MapReader reader(node, "'shortfall'", diagnostics);
  MoneyReader money(reader, diagnostics);
  Shortfall shortfall;
  shortfall.remedy =
      reader
          .required_choice<Remedy>(
              "remedy", {{"reject", Remedy::kReject}, {"reduce", Remedy::kReduce}, {"replace", Remedy::kReplace}},
              {"no law has a formula for a performance under its bar, so the "
               "contract must",
               "write `remedy: reject`, `reduce` or `replace`"})
          .value_or(Remedy::kReject);
  const bool low = money.has("at_least"), high = money.has("at_most");
  if (reader.is_map() && low == high) {
    diagnostics.error(node.at, "'shortfall' wants one of 'at_least' and 'at_most'",
                      {"a shortfall is from a bar", "write `at_least: 700 TFLOP/s`"});
  }
  shortfall.at_least = !high;
  if (low != high) shortfall.bar = money.with_unit(low ? "at_least" : "at_most", shortfall.unit);
  std::string unit = shortfall.unit;
  if (settled) shortfall.measured = money.with_unit("measured", unit);
  if (unit != shortfall.unit && !unit.empty() && !shortfall.unit.empty()) {
    diagnostics.error(node.at,
                      fmt::format("the bar is in {}, what was measured in {}", shown(shortfall.unit), shown(unit)),
                      {"a share is of one unit", "write both in the same"});
  }
  shortfall.factor = {Rational(1), {}, {}};
  if (shortfall.remedy == Remedy::kReduce) {
    if (money.has("factor")) shortfall.factor = money.ratio("factor", {Rational(0), Rational(100)});
    shortfall.most = money.optional_ratio("most");
    shortfall.reject_beyond = money.optional_ratio("reject_beyond");
  }
  shortfall.source = money.source();
  reader.finish();
  return shortfall;
}

}  // namespace geomsu
