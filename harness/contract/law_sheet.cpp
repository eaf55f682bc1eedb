#include "harness/contract/law_sheet.hpp"

#include "harness/contract/fields.hpp"
#include "harness/contract/money_fields.hpp"

namespace geomsu {
namespace {

// `from: unknown` is for what binds on every day alike; a rate or a cap must have its first day.
LawSource read_source(MapReader& reader, MoneyReader& money, bool dated) {
  LawSource source;
  const YamlNode* from = reader.optional_node("from");
  if (dated || from == nullptr || from->text != "unknown") source.from = money.day("from");
  source.article = money.text("article", "no word of law stands without its place");
  source.checked = money.text("checked", "a reader must know against what it was checked, and when");
  return source;
}

StatutoryRate read_rate(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a rate", diagnostics);
  MoneyReader money(reader, diagnostics);
  StatutoryRate rate;
  rate.kind = reader
                  .required_choice<DamagesKind>("kind",
                                                {{"goods", DamagesKind::kGoods},
                                                 {"designed_goods", DamagesKind::kDesignedGoods},
                                                 {"services", DamagesKind::kServices}},
                                                {"each kind has its rate", "write `kind: goods`"})
                  .value_or(DamagesKind::kGoods);
  rate.name = money.words("name");
  rate.a_day = money.ratio("a_day");
  rate.source = read_source(reader, money, true);
  reader.finish();
  return rate;
}

StatutoryCap read_cap(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a cap", diagnostics);
  MoneyReader money(reader, diagnostics);
  StatutoryCap cap;
  cap.share = money.ratio("share");
  cap.source = read_source(reader, money, true);
  reader.finish();
  return cap;
}

DelayRule read_delay(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a rule of delay", diagnostics);
  MoneyReader money(reader, diagnostics);
  DelayRule rule;
  rule.branch = reader
                    .required_choice<DelayBranch>("branch",
                                                  {{"in_time", DelayBranch::kInTime},
                                                   {"order_after_due", DelayBranch::kOrderAfterDue},
                                                   {"late", DelayBranch::kLate},
                                                   {"not_delivered", DelayBranch::kNotDelivered}},
                                                  {"each branch has its rule", "write `branch: late`"})
                    .value_or(DelayBranch::kInTime);
  rule.source = read_source(reader, money, false);
  reader.finish();
  return rule;
}

Ruling read_ruling(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a ruling", diagnostics);
  MoneyReader money(reader, diagnostics);
  Ruling ruling;
  ruling.number = money.text("number", "a ruling is found by its number");
  ruling.court = money.text("court", "a ruling is of a court");
  ruling.date = money.day("date");
  ruling.held = money.words("held");
  ruling.reach = money.words("reach");
  ruling.source = money.source();
  reader.finish();
  return ruling;
}

DamagesLaw read_law(const YamlNode& root, Diagnostics& diagnostics) {
  MapReader reader(root, "the law", diagnostics);
  MoneyReader money(reader, diagnostics);
  DamagesLaw law;
  law.id = required_id(reader, "law", diagnostics).value_or("");
  law.name = money.words("name");
  reader.required_node("rates", {"this file holds rates of damages", "write `rates:` and a list of them"});
  for (const YamlNode* item : money.items("rates")) law.rates.push_back(read_rate(*item, diagnostics));
  for (const YamlNode* item : money.items("caps")) law.caps.push_back(read_cap(*item, diagnostics));
  for (const YamlNode* item : money.items("delays")) law.delays.push_back(read_delay(*item, diagnostics));
  for (const YamlNode* item : money.items("rulings")) law.rulings.push_back(read_ruling(*item, diagnostics));
  reader.finish();
  return law;
}

}  // namespace

Loaded<DamagesLaw> parse_law(std::string_view yaml, const std::string& name) {
  Diagnostics diagnostics(name);
  Loaded<DamagesLaw> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    DamagesLaw law = read_law(*root, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(law);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
