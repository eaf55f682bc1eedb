#include "harness/contract/site_limits.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/contract/fields.hpp"

namespace geomsu {
namespace {

constexpr std::array<SiteCondition, 4> kConditions{{{"inlet_temperature", Dimension::kTemperature, "27 °C"},
                                                    {"node_power", Dimension::kPower, "10.2 kW"},
                                                    {"rack_power", Dimension::kPower, "40 kW"},
                                                    {"pue", Dimension::kNone, "1.3"}}};

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const SiteCondition& condition : kConditions) list.emplace_back(condition.key);
  return list;
}

std::optional<Quantity> read_side(MapReader& reader, const std::string& key, const SiteCondition& condition,
                                  Diagnostics& diagnostics) {
  const YamlNode* node = reader.optional_node(key);
  if (node == nullptr) return std::nullopt;
  const Advice advice{fmt::format("{} is a {}", condition.key, dimension_name(condition.dimension)),
                      fmt::format("write `{}: {}`", key, condition.example)};
  const auto quantity = reader.required_quantity(key, condition.dimension, advice);
  if (!quantity) return std::nullopt;
  if (condition.dimension == Dimension::kPower && !(quantity->value > 0)) {
    diagnostics.error(node->at, fmt::format("'{}' is not above zero", key), advice);
  }
  if (condition.key == "pue" && !(quantity->value >= 1)) {
    diagnostics.error(node->at, fmt::format("a PUE of {} cannot be", shown(node->text)),
                      {"it is the site's power over that of its computers, and never under 1",
                       "write it as a plain number, like 1.3"});
  }
  return quantity;
}

std::optional<SiteLimit> read_limit(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a site limit", diagnostics);
  SiteLimit limit;
  const YamlNode* name =
      reader.required_node("condition", {"it says what is limited", "write `condition:` and " + list_of(names())});
  const auto key = name == nullptr ? std::nullopt : text_value(*name, "'condition'", diagnostics);
  const SiteCondition* condition = key ? find_site_condition(*key) : nullptr;
  if (key && condition == nullptr) {
    diagnostics.error(name->at, fmt::format("unknown condition {}{}", shown(*key), did_you_mean(*key, names())),
                      {"nobody would read it", "write " + list_of(names())});
  }
  const YamlNode* least = reader.optional_node("at_least");
  const YamlNode* most = reader.optional_node("at_most");
  const auto responsible = reader.required_choice<bool>(
      "responsible", {{"buyer", false}, {"supplier", true}},
      {"a broken limit is INVALID where the buyer supplies the site and FAIL where the supplier does",
       "write `responsible: buyer` or `supplier`"});
  reader.finish();
  if (condition == nullptr) return std::nullopt;
  limit.key = condition->key;
  limit.supplier = responsible.value_or(false);
  if (least == nullptr && most == nullptr) {
    diagnostics.error(node.at, fmt::format("the limit of {} has neither 'at_least' nor 'at_most'", limit.key),
                      {"it would hold whatever is read", fmt::format("write `at_most: {}`", condition->example)});
    return std::nullopt;
  }
  limit.at_least = read_side(reader, "at_least", *condition, diagnostics);
  limit.at_most = read_side(reader, "at_most", *condition, diagnostics);
  if (limit.at_least && limit.at_most && !(limit.at_least->value < limit.at_most->value)) {
    diagnostics.error(least->at, fmt::format("{} of at least {} and at most {}", limit.key, least->text, most->text),
                      {"no reading can hold both", "correct one of them"});
  }
  if (limit.at_least) limit.text = "at least " + least->text;
  if (limit.at_most) limit.text += (limit.text.empty() ? "at most " : ", at most ") + most->text;
  return limit;
}

}  // namespace

std::span<const SiteCondition> site_conditions() { return kConditions; }

const SiteCondition* find_site_condition(std::string_view key) {
  const auto* const found = std::find_if(kConditions.begin(), kConditions.end(),
                                         [key](const SiteCondition& item) { return item.key == key; });
  return found == kConditions.end() ? nullptr : found;
}

std::vector<SiteLimit> read_site_limits(MapReader& reader, Diagnostics& diagnostics) {
  std::vector<SiteLimit> limits;
  if (reader.optional_node("site_limits") == nullptr) return limits;
  const auto* items =
      required_list(reader, "site_limits", false,
                    {"figures taken in a hot room are not those of the contract",
                     "write `site_limits: [{condition: inlet_temperature, at_most: 27 °C, responsible: buyer}]`"},
                    diagnostics);
  if (items == nullptr) return limits;
  for (const YamlNode& item : *items) {
    auto limit = read_limit(item, diagnostics);
    if (!limit) continue;
    const bool twice =
        std::any_of(limits.begin(), limits.end(), [&](const SiteLimit& other) { return other.key == limit->key; });
    if (twice) {
      diagnostics.error(item.at, fmt::format("the condition '{}' stands twice", limit->key),
                        {"which of them holds is not said", "write both sides in one: `at_least:` and `at_most:`"});
    }
    limits.push_back(std::move(*limit));
  }
  return limits;
}

}  // namespace geomsu
