#include "harness/contract/map_reader.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/contract/draft.hpp"

namespace geomsu {
namespace {

const Later* find_later(const std::vector<Later>& later, std::string_view word) {
  const auto found = std::find_if(later.begin(), later.end(), [&](const Later& item) { return item.word == word; });
  return found == later.end() ? nullptr : &*found;
}

}  // namespace

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a single value";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map of keys";
  }
  return "nothing";
}

std::optional<std::string> text_value(const YamlNode& node, const std::string& what, Diagnostics& diagnostics) {
  if (node.kind == YamlNode::Kind::kScalar && is_to_do(node.text)) {
    diagnostics.error(node.at, fmt::format("{} is still to be filled in: {}", what, shown(node.text)),
                      {"TODO is no value, and a draft is no contract", "replace it by what was agreed"});
    return std::nullopt;
  }
  if (node.kind == YamlNode::Kind::kScalar && !node.text.empty()) return node.text;
  if (node.kind == YamlNode::Kind::kNull || node.kind == YamlNode::Kind::kScalar) {
    diagnostics.error(node.at, what + " is empty",
                      {"an empty value says nothing", "write the value or remove the line"});
  } else {
    diagnostics.error(node.at, fmt::format("{} is {}", what, kind_name(node.kind)),
                      {"a single value is wanted here", "write the value on the same line"});
  }
  return std::nullopt;
}

std::optional<std::uint32_t> count_value(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const bool padded = text.size() > 1 && text.front() == '0';
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || padded || error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

MapReader::MapReader(const YamlNode& node, std::string what, Diagnostics& diagnostics)
    : node_(node), what_(std::move(what)), diagnostics_(diagnostics) {
  if (is_map()) return;
  diagnostics_.error(node.at, fmt::format("{} must be a map of keys, here is {}", what_, kind_name(node.kind)),
                     {"its fields are named", "write `key: value` lines, indented by two spaces"});
}

const YamlNode* MapReader::optional_node(const std::string& key) {
  known_.push_back(key);
  for (const YamlEntry& entry : node_.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

const YamlNode* MapReader::required_node(const std::string& key, const Advice& advice) {
  const YamlNode* node = optional_node(key);
  if (node == nullptr && is_map()) diagnostics_.error(at(), fmt::format("{} has no '{}'", what_, key), advice);
  return node;
}

std::optional<std::string> MapReader::text_of(const std::string& key, const YamlNode& node) {
  return text_value(node, "'" + key + "' of " + what_, diagnostics_);
}

std::optional<std::string> MapReader::optional_text(const std::string& key) {
  const YamlNode* node = optional_node(key);
  return node == nullptr ? std::nullopt : text_of(key, *node);
}

std::optional<std::string> MapReader::required_text(const std::string& key, const Advice& advice) {
  const YamlNode* node = required_node(key, advice);
  return node == nullptr ? std::nullopt : text_of(key, *node);
}

std::optional<bool> MapReader::optional_flag(const std::string& key) {
  return optional_choice<bool>(key, {{"true", true}, {"false", false}});
}

std::optional<Quantity> MapReader::required_quantity(const std::string& key, Dimension dimension,
                                                     const Advice& advice) {
  const YamlNode* node = required_node(key, advice);
  const auto text = node == nullptr ? std::nullopt : text_of(key, *node);
  if (!text) return std::nullopt;
  QuantityError problem;
  const auto quantity = parse_quantity(*text, &problem);
  if (!quantity) {
    diagnostics_.error(node->at, fmt::format("'{}': {}", key, problem.message), advice);
    return std::nullopt;
  }
  if (quantity->dimension != dimension) {
    diagnostics_.error(node->at,
                       fmt::format("'{}' wants a {}, {} is a {}", key, dimension_name(dimension), shown(*text),
                                   dimension_name(quantity->dimension)),
                       advice);
    return std::nullopt;
  }
  return quantity;
}

std::optional<std::uint32_t> MapReader::required_count(const std::string& key, const Advice& advice) {
  const YamlNode* node = required_node(key, advice);
  const auto text = node == nullptr ? std::nullopt : text_of(key, *node);
  if (!text) return std::nullopt;
  const auto count = count_value(*text);
  if (!count)
    diagnostics_.error(node->at, fmt::format("'{}' must be a whole number, not {}", key, shown(*text)), advice);
  return count;
}

void MapReader::refuse_choice(const std::string& key, Mark at, const std::string& word,
                              const std::vector<std::string>& words, const std::vector<Later>& later) {
  if (const Later* known = find_later(later, word)) {
    diagnostics_.error(at, fmt::format("'{}: {}' is not in this version", key, word),
                       {"it would be accepted and not judged", known->next});
    return;
  }
  diagnostics_.error(at, fmt::format("'{}' cannot be {}{}", key, shown(word), did_you_mean(word, words)),
                     {"it is one of a fixed list", "write " + list_of(words)});
}

void MapReader::finish(const std::vector<Later>& later) {
  for (const YamlEntry& entry : node_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    if (const Later* known = find_later(later, entry.key)) {
      diagnostics_.error(entry.key_at, fmt::format("'{}' of {} is not in this version", entry.key, what_),
                         {"it would be accepted and not judged", known->next});
      continue;
    }
    const std::string near = did_you_mean(entry.key, known_);
    diagnostics_.error(entry.key_at, fmt::format("unknown key {} in {}{}", shown(entry.key), what_, near),
                       {"nobody would read it, and a misspelt condition is no condition",
                        near.empty() ? "known keys are " + list_of(known_) : "correct or remove it"});
  }
}

}  // namespace geomsu
