#include "harness/contract/preconditions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/skus.hpp"

namespace geomsu {
namespace {

// What backends of this tree call them, for a hint where a key is misspelt; others may have more.
const std::vector<std::string>& usual_keys(bool setting) {
  static const std::vector<std::string> software{"driver", "firmware", "vbios",         "inforom",
                                                 "cuda",   "nccl",     "plugin.sha256", "plugin.version"};
  static const std::vector<std::string> settings{
      "ecc.mode",     "power.limit_w",       "power.enforced_limit_w", "mig.mode",
      "persistence",  "compute_mode",        "clock.max_sm_mhz",       "clock.max_memory_mhz",
      "fabric.state", "nvlink.links",        "nvlink.active",          "clock.application_sm_mhz",
      "partition",    "pcie.max_generation", "pcie.max_width",         "clock.application_memory_mhz"};
  return setting ? settings : software;
}

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

// "570.86.15": numbers and points, which have an order.
bool is_version(std::string_view text) {
  bool digit = false;
  for (const char c : text) {
    if (c == '.' ? !digit : c < '0' || c > '9') return false;
    digit = c != '.';
  }
  return digit;
}

// The dimension that a key's last letters name: attributes with a unit carry it there.
std::optional<Dimension> dimension_of(std::string_view key) {
  if (key.ends_with("_w")) return Dimension::kPower;
  if (key.ends_with("_mhz")) return Dimension::kFrequency;
  if (key.ends_with("_bytes")) return Dimension::kBytes;
  return std::nullopt;
}

void check_value(const YamlNode& node, const Precondition& condition, Diagnostics& diagnostics) {
  const std::string& wanted = condition.wanted;
  if (condition.key.ends_with("sha256") && (condition.test != Precondition::Test::kEqual || !is_sha256(wanted))) {
    return diagnostics.error(
        node.at, fmt::format("'{}' wants one SHA-256, not {}", condition.key, shown(wanted)),
        {"hashes have no order, and are compared digit by digit", "write its 64 hexadecimal digits in lower case"});
  }
  const auto quantity = parse_quantity(wanted, nullptr);
  if (const auto dimension = dimension_of(condition.key)) {
    if (quantity && (quantity->dimension == *dimension || quantity->dimension == Dimension::kNone)) return;
    return diagnostics.error(
        node.at, fmt::format("'{}' wants a {}, not {}", condition.key, dimension_name(*dimension), shown(wanted)),
        {"the key ends in its unit", fmt::format("write it in {}", canonical_unit(*dimension))});
  }
  if (condition.test == Precondition::Test::kEqual || quantity || is_version(wanted)) return;
  diagnostics.error(node.at, fmt::format("{} of '{}' has no order", shown(wanted), condition.key),
                    {"only numbers, quantities and versions of digits and points are more or less than others",
                     "write `{exactly: ...}`, or a version like \"570.86.15\""});
}

// One of `exactly`, or a range.
void read_tests(const YamlNode& node, Precondition condition, const std::vector<std::string>& skus,
                std::vector<Precondition>& list, Diagnostics& diagnostics) {
  MapReader reader(node, fmt::format("'{}'", condition.key), diagnostics);
  const YamlNode* exactly = reader.optional_node("exactly");
  const YamlNode* least = reader.optional_node("at_least");
  const YamlNode* most = reader.optional_node("at_most");
  condition.sku = reader.optional_text("sku").value_or("");
  if (!condition.sku.empty()) check_sku(condition.sku, reader.optional_node("sku")->at, skus, diagnostics);
  reader.finish();
  if ((exactly != nullptr) == (least != nullptr || most != nullptr)) {
    return diagnostics.error(
        node.at, fmt::format("'{}' has {}", condition.key, exactly == nullptr ? "no value" : "more than one value"),
        {"it says what the unit must have", "write `exactly:`, or `at_least:` or `at_most:`, or both of these"});
  }
  for (const auto& [given, test, word] : {std::tuple(exactly, Precondition::Test::kEqual, "exactly"),
                                          {least, Precondition::Test::kAtLeast, "at_least"},
                                          {most, Precondition::Test::kAtMost, "at_most"}}) {
    if (given == nullptr) continue;
    const auto text = text_value(*given, fmt::format("'{}' of '{}'", word, condition.key), diagnostics);
    if (!text) continue;
    condition.test = test;
    condition.wanted = *text;
    check_value(*given, condition, diagnostics);
    list.push_back(condition);
  }
}

// Two conditions of one key for one SKU would be a contradiction or a repetition.
void check_twice(const YamlNode& node, const std::vector<Precondition>& list, std::size_t first, std::size_t second,
                 Diagnostics& diagnostics) {
  for (std::size_t i = first; i < second; ++i) {
    for (std::size_t j = second; j < list.size(); ++j) {
      if (!list[i].sku.empty() && !list[j].sku.empty() && list[i].sku != list[j].sku) continue;
      return diagnostics.error(node.at, fmt::format("'{}' stands twice for one SKU", list[i].key),
                               {"which of them holds is not said", "give each its own `sku:`, or keep one"});
    }
  }
}

void read_block(const YamlNode& block, bool setting, const std::vector<std::string>& skus,
                std::vector<Precondition>& list, Diagnostics& diagnostics) {
  const std::string name = setting ? "settings" : "software";
  const Advice advice{"a unit that differs gives no evidence",
                      setting ? "write `settings: {ecc.mode: on, power.limit_w: {exactly: 700 W}}`"
                              : "write `software: {driver: {at_least: \"570.86\"}}`"};
  if (block.kind != YamlNode::Kind::kMap || block.entries.empty()) {
    return diagnostics.error(block.at, fmt::format("'{}' must be a map with at least one key", name), advice);
  }
  for (const YamlEntry& entry : block.entries) {
    Precondition condition;
    condition.setting = setting;
    condition.key = entry.key;
    if (!is_key(entry.key)) {
      diagnostics.error(entry.key_at, fmt::format("{} cannot be a key of '{}'", shown(entry.key), name),
                        {"it is a field or an attribute of the device", "copy it from `geomsu devices --json`"});
      continue;
    }
    const auto& usual = usual_keys(setting);
    if (std::find(usual.begin(), usual.end(), entry.key) == usual.end()) {
      if (const std::string near = did_you_mean(entry.key, usual); !near.empty()) {
        diagnostics.warning(entry.key_at, fmt::format("unusual key {} in '{}'{}", shown(entry.key), name, near),
                            {"no unit would tell it, and all of them would be INVALID",
                             "correct it, or leave it where your plug-in calls it so"});
      }
    }
    if (entry.value.kind == YamlNode::Kind::kMap) {
      read_tests(entry.value, condition, skus, list, diagnostics);
    } else if (entry.value.kind == YamlNode::Kind::kSequence && !entry.value.items.empty()) {
      const std::size_t first = list.size();
      for (const YamlNode& item : entry.value.items) {
        const std::size_t second = list.size();
        read_tests(item, condition, skus, list, diagnostics);
        check_twice(item, list, first, second, diagnostics);
      }
    } else if (const auto text = text_value(entry.value, "'" + entry.key + "'", diagnostics)) {
      condition.wanted = *text;
      check_value(entry.value, condition, diagnostics);
      list.push_back(condition);
    }
  }
}

}  // namespace

std::vector<Precondition> read_preconditions(MapReader& reader, const std::vector<std::string>& skus,
                                             Diagnostics& diagnostics) {
  std::vector<Precondition> list;
  if (const YamlNode* software = reader.optional_node("software")) {
    read_block(*software, false, skus, list, diagnostics);
  }
  if (const YamlNode* settings = reader.optional_node("settings")) {
    read_block(*settings, true, skus, list, diagnostics);
  }
  return list;
}

}  // namespace geomsu
