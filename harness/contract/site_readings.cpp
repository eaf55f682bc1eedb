#include "harness/contract/site_readings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/fields.hpp"
#include "harness/contract/site_limits.hpp"

namespace geomsu {
namespace {

std::vector<std::string> condition_names() {
  std::vector<std::string> names;
  for (const SiteCondition& condition : site_conditions()) names.emplace_back(condition.key);
  return names;
}

void read_value(MapReader& reader, const SiteCondition& condition, SiteReading& reading, Diagnostics& diagnostics) {
  const Advice advice{fmt::format("{} is a {}", condition.key, dimension_name(condition.dimension)),
                      fmt::format("write `value: {}`", condition.example)};
  const auto value = reader.required_quantity("value", condition.dimension, advice);
  if (!value) return;
  const YamlNode* node = reader.optional_node("value");
  reading.value = *value;
  reading.text = node->text;
  if (condition.dimension == Dimension::kPower && !(value->value > 0)) {
    diagnostics.error(node->at, "'value' is not above zero", advice);
  }
  if (condition.key == "pue" && !(value->value >= 1)) {
    diagnostics.error(node->at, fmt::format("a PUE of {} cannot be", shown(node->text)),
                      {"it is the site's power over that of its computers, and never under 1", advice.next});
  }
}

std::optional<SiteReading> read_reading(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a reading", diagnostics);
  SiteReading reading;
  const YamlNode* name = reader.required_node(
      "condition", {"it says what was read", "write `condition:` and " + list_of(condition_names())});
  const auto key = name == nullptr ? std::nullopt : text_value(*name, "'condition'", diagnostics);
  const SiteCondition* condition = key ? find_site_condition(*key) : nullptr;
  if (key && condition == nullptr) {
    diagnostics.error(name->at,
                      fmt::format("unknown condition {}{}", shown(*key), did_you_mean(*key, condition_names())),
                      {"no contract could ask for it", "write " + list_of(condition_names())});
  }
  if (condition != nullptr) {
    reading.key = condition->key;
    read_value(reader, *condition, reading, diagnostics);
  } else {
    reader.optional_node("value");
  }
  reading.meter =
      reader.required_text("meter", {"who doubts the figure asks there", "write `meter: BMS rack 12`"}).value_or("");
  reading.by = reader.required_text("by", {"somebody answers for it", "write `by:` and a name"}).value_or("");
  reading.date = required_date(reader, "date",
                               {"a reading of another day says nothing of this run",
                                "write `date: YYYY-MM-DD`, the day "
                                "in Seoul"},
                               diagnostics)
                     .value_or("");
  reader.finish();
  return condition == nullptr ? std::nullopt : std::optional(reading);
}

}  // namespace

std::vector<SiteReading> read_site_readings(MapReader& reader, Diagnostics& diagnostics) {
  std::vector<SiteReading> readings;
  const YamlNode* list = reader.optional_node("readings");
  if (list == nullptr) return readings;
  if (list->kind != YamlNode::Kind::kSequence || list->items.empty()) {
    diagnostics.error(list->at, "'readings' must be a list with at least one of them",
                      {"an empty one says nothing",
                       "write `readings: [{condition: inlet_temperature, value: 24.1 °C, meter: ..., by: ..., date: "
                       "...}]`, or remove it"});
    return readings;
  }
  for (const YamlNode& item : list->items) {
    auto reading = read_reading(item, diagnostics);
    if (!reading) continue;
    const bool twice = std::any_of(readings.begin(), readings.end(),
                                   [&](const SiteReading& other) { return other.key == reading->key; });
    if (twice) {
      diagnostics.error(
          item.at, fmt::format("the condition '{}' is read twice", reading->key),
          {"which of them counts is not said", "keep the one that is worse for whoever supplies the site"});
    }
    readings.push_back(std::move(*reading));
  }
  return readings;
}

}  // namespace geomsu
