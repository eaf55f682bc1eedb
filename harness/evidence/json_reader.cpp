#include "harness/evidence/json_reader.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"

namespace geomsu {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 32;  // ours has 5

const Json& as_json(const void* node) { return *static_cast<const Json*>(node); }

std::string shown(std::string_view text) { return clip(escape_terminal(valid_utf8(text)), 60); }

[[noreturn]] void bad(const std::string& where, std::string message) {
  throw Error(ErrorCode::kBadData, std::move(message), where,
              "the file is not as geomsu wrote it: take the bundle from its source again");
}

// Refuses duplicate keys and deep nesting while the tree is built; the library alone would keep the last of two.
class Guard {
 public:
  explicit Guard(const std::string& where) : where_(where) {}
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kMaxDepth) bad(where_, fmt::format("is nested deeper than {} levels", kMaxDepth));
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) bad(where_, fmt::format("field '{}' is there twice", shown(key)));
    }
    return true;
  }

 private:
  const std::string& where_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

struct JsonDocument::Tree {
  Json json;
};

JsonDocument::JsonDocument(std::string_view text, std::string where)
    : tree_(std::make_unique<Tree>()), where_(std::move(where)) {
  try {
    tree_->json = Json::parse(text, Guard(where_));
  } catch (const Json::exception& error) {
    bad(where_, fmt::format("is no JSON: {}", shown(error.what())));
  }
  if (!tree_->json.is_object()) bad(where_, "must be one JSON object");
}

JsonDocument::~JsonDocument() = default;

JsonObject JsonDocument::root() const { return {&tree_->json, "", &where_}; }

void JsonObject::refuse(std::string_view key, std::string_view why) const {
  bad(*where_, fmt::format("field '{}{}': {}", path_, shown(key), why));
}

const void* JsonObject::find(std::string_view key) {
  read_.emplace_back(key);
  const Json& node = as_json(node_);
  const auto found = node.find(std::string(key));
  return found == node.end() ? nullptr : &*found;
}

const void* JsonObject::present(std::string_view key) {
  const void* node = find(key);
  if (node == nullptr) refuse(key, "is missing");
  return node;
}

bool JsonObject::has(std::string_view key) const { return as_json(node_).contains(std::string(key)); }

bool JsonObject::is_null(std::string_view key) const {
  const Json& node = as_json(node_);
  const auto found = node.find(std::string(key));
  return found != node.end() && found->is_null();
}

void JsonObject::finish() const {
  for (const auto& [key, value] : as_json(node_).items()) {
    if (std::find(read_.begin(), read_.end(), key) == read_.end()) refuse(key, "is unknown to this schema version");
  }
}

std::string JsonObject::text(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_string()) refuse(key, "must be text");
  return node.get<std::string>();
}

std::int64_t JsonObject::integer(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_number_integer()) refuse(key, "must be an integer");
  if (node.is_number_unsigned() &&
      node.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    refuse(key, "is beyond 2^63 - 1");
  }
  return node.get<std::int64_t>();
}

std::uint64_t JsonObject::count(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_number_unsigned()) refuse(key, "must be an integer of 0 or more, below 2^64");
  return node.get<std::uint64_t>();
}

std::uint32_t JsonObject::count32(std::string_view key) {
  const std::uint64_t value = count(key);
  if (value > std::numeric_limits<std::uint32_t>::max()) refuse(key, "is beyond 2^32 - 1");
  return static_cast<std::uint32_t>(value);
}

double JsonObject::number(std::string_view key) {
  const Json& node = as_json(present(key));
  if (node.is_string()) {
    const auto& text = node.get_ref<const std::string&>();
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  }
  if (!node.is_number()) refuse(key, "must be a number");
  return node.get<double>();
}

bool JsonObject::boolean(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_boolean()) refuse(key, "must be true or false");
  return node.get<bool>();
}

std::optional<std::string> JsonObject::maybe_text(std::string_view key) {
  return as_json(present(key)).is_null() ? std::nullopt : std::optional(text(key));
}
std::optional<std::int64_t> JsonObject::maybe_integer(std::string_view key) {
  return as_json(present(key)).is_null() ? std::nullopt : std::optional(integer(key));
}
std::optional<std::uint64_t> JsonObject::maybe_count(std::string_view key) {
  return as_json(present(key)).is_null() ? std::nullopt : std::optional(count(key));
}
std::optional<double> JsonObject::maybe_number(std::string_view key) {
  return as_json(present(key)).is_null() ? std::nullopt : std::optional(number(key));
}
std::optional<JsonObject> JsonObject::maybe_object(std::string_view key) {
  return as_json(present(key)).is_null() ? std::nullopt : std::optional(object(key));
}

JsonObject JsonObject::object(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_object()) refuse(key, "must be an object");
  return {&node, fmt::format("{}{}.", path_, key), where_};
}

std::vector<JsonObject> JsonObject::objects(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_array()) refuse(key, "must be a list");
  std::vector<JsonObject> result;
  result.reserve(node.size());
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (!node[i].is_object()) refuse(key, fmt::format("entry {} must be an object", i));
    result.push_back({&node[i], fmt::format("{}{}[{}].", path_, key, i), where_});
  }
  return result;
}

std::vector<std::string> JsonObject::texts(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_array()) refuse(key, "must be a list");
  std::vector<std::string> result;
  result.reserve(node.size());
  for (const Json& entry : node) {
    if (!entry.is_string()) refuse(key, fmt::format("entry {} must be text", result.size()));
    result.push_back(entry.get<std::string>());
  }
  return result;
}

std::vector<std::int64_t> JsonObject::integers(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_array()) refuse(key, "must be a list");
  std::vector<std::int64_t> result;
  result.reserve(node.size());
  for (const Json& entry : node) {
    const bool fits =
        entry.is_number_integer() &&
        (!entry.is_number_unsigned() ||
         entry.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!fits) refuse(key, fmt::format("entry {} must be an integer below 2^63", result.size()));
    result.push_back(entry.get<std::int64_t>());
  }
  return result;
}

std::map<std::string, std::string> JsonObject::text_map(std::string_view key) {
  const Json& node = as_json(present(key));
  if (!node.is_object()) refuse(key, "must be an object");
  std::map<std::string, std::string> result;
  for (const auto& [name, value] : node.items()) {
    if (!value.is_string()) refuse(key, fmt::format("entry '{}' must be text", shown(name)));
    result.emplace(name, value.get<std::string>());
  }
  return result;
}

}  // namespace geomsu
