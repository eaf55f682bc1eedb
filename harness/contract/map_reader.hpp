// Typed access to one map of a YAML tree. It remembers which keys the program knows, so that finish() can tell every
// key that it does not; a field that is missing or of another type is reported once and comes back absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/units.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {

// A word that the design has and this version has not, and what to do meanwhile.
struct Later {
  std::string word, next;
};

template <class T>
struct Choice {
  std::string word;
  T value;
};

class MapReader {
 public:
  // `what` names the map in messages: "a clause". `node` and `diagnostics` must outlive the reader.
  MapReader(const YamlNode& node, std::string what, Diagnostics& diagnostics);

  bool is_map() const { return node_.kind == YamlNode::Kind::kMap; }
  Mark at() const { return node_.at; }

  // optional_: absent without a word. required: absent is an error that gives `advice`.
  const YamlNode* optional_node(const std::string& key);
  const YamlNode* required_node(const std::string& key, const Advice& advice);

  // A scalar that is not empty.
  std::optional<std::string> optional_text(const std::string& key);
  std::optional<std::string> required_text(const std::string& key, const Advice& advice);
  // true or false, nothing else ("yes" and "no" are refused).
  std::optional<bool> optional_flag(const std::string& key);
  // A quantity of that dimension.
  std::optional<Quantity> required_quantity(const std::string& key, Dimension dimension, const Advice& advice);
  std::optional<std::uint32_t> required_count(const std::string& key, const Advice& advice);

  template <class T>
  std::optional<T> required_choice(const std::string& key, const std::vector<Choice<T>>& choices, const Advice& advice,
                                   const std::vector<Later>& later = {}) {
    const YamlNode* node = required_node(key, advice);
    return node == nullptr ? std::nullopt : choose(key, *node, choices, later);
  }
  template <class T>
  std::optional<T> optional_choice(const std::string& key, const std::vector<Choice<T>>& choices,
                                   const std::vector<Later>& later = {}) {
    const YamlNode* node = optional_node(key);
    return node == nullptr ? std::nullopt : choose(key, *node, choices, later);
  }

  // Reports every key that nobody asked for.
  void finish(const std::vector<Later>& later = {});

 private:
  template <class T>
  std::optional<T> choose(const std::string& key, const YamlNode& node, const std::vector<Choice<T>>& choices,
                          const std::vector<Later>& later) {
    const auto word = text_of(key, node);
    if (!word) return std::nullopt;
    std::vector<std::string> words;
    for (const auto& choice : choices) {
      if (choice.word == *word) return choice.value;
      words.push_back(choice.word);
    }
    refuse_choice(key, node.at, *word, words, later);
    return std::nullopt;
  }
  void refuse_choice(const std::string& key, Mark at, const std::string& word, const std::vector<std::string>& words,
                     const std::vector<Later>& later);
  std::optional<std::string> text_of(const std::string& key, const YamlNode& node);

  const YamlNode& node_;
  std::string what_;
  Diagnostics& diagnostics_;
  std::vector<std::string> known_;
};

// Of a value that stands alone (an item of a list): a text that is not empty, or an error that calls it `what`.
std::optional<std::string> text_value(const YamlNode& node, const std::string& what, Diagnostics& diagnostics);
// Digits only; no sign, no octal, no exponent.
std::optional<std::uint32_t> count_value(std::string_view text);
std::string_view kind_name(YamlNode::Kind kind);  // "a list"

}  // namespace geomsu
