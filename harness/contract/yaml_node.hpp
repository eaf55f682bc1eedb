// A YAML file as a small tree with places. Scalars are text: what a text means is decided by our own parsers, because
// yaml-cpp reads 010 as 8 and `no` as false. Anchors, aliases, tags, merge keys, a second document and duplicate keys
// are refused while reading, so the tree is exactly what a person sees in the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/diagnostics.hpp"

namespace geomsu {

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  Mark at;                         // an empty value stands where its key stands
  std::string text;                // of a scalar, without the line ends that close it
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a map, in the order of the file, keys unique
};

struct YamlEntry {
  std::string key;
  Mark key_at;
  YamlNode value;
};

inline constexpr std::size_t kYamlMaxBytes = 1u << 20;
inline constexpr std::size_t kYamlMaxDepth = 64;
inline constexpr std::size_t kYamlMaxNodes = 100'000;
inline constexpr std::size_t kYamlMaxScalar = 4096;  // bytes

// Nothing where the text is no YAML at all (too large, invalid UTF-8, a syntax error, nothing in it); the reason is
// then in `diagnostics`. What can be told apart from the rest (duplicates, anchors, control characters) is reported
// there too and the tree still comes back, so that the reader's own errors are said in the same breath.
std::optional<YamlNode> read_yaml(std::string_view bytes, Diagnostics& diagnostics);

}  // namespace geomsu
