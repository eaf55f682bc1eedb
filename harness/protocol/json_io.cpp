#include "harness/protocol/json_io.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace geomsu::protocol::json {
namespace {
using Json = nlohmann::json;
using Out = nlohmann::ordered_json;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxContainers = 65536;

// Runs before the parser, so that a hostile line costs one pass and no memory.
void check_nesting(std::string_view line) {
  std::size_t depth = 0, containers = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_text) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_text = false;
      }
      continue;
    }
    if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) throw Bad{fmt::format("nested deeper than {} levels", kMaxDepth)};
      if (++containers > kMaxContainers) throw Bad{fmt::format("more than {} objects and arrays", kMaxContainers)};
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
}

template <class Integer>
std::optional<Integer> decimal(std::string_view text) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return value;
}

template <class Integer>
std::optional<Integer> from_text(const Json& node) {
  return node.is_string() ? decimal<Integer>(node.get_ref<const std::string&>()) : std::nullopt;
}

std::optional<std::string> plain_text(const Json& node) {
  if (!node.is_string()) return std::nullopt;
  const auto& text = node.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) return std::nullopt;  // would be cut short as a C string
  return text;
}

template <class Map>
bool text_map(const Json& node, Map& out) {
  if (!node.is_object()) return false;
  for (const auto& [key, value] : node.items()) {
    const auto text = plain_text(value);
    if (!text || key.find('\0') != std::string::npos) return false;
    out.emplace(key, *text);
  }
  return true;
}

Out number_or_null(double value) { return std::isfinite(value) ? Out(value) : Out(nullptr); }
}  // namespace

Json parse(std::string_view line) {
  if (line.size() > kMaxLineBytes) throw Bad{fmt::format("{} bytes long; at most {}", line.size(), kMaxLineBytes)};
  check_nesting(line);
  std::vector<std::set<std::string>> keys;
  std::string twice;
  const Json::parser_callback_t watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get_ref<const std::string&>()).second) {
      twice = parsed.get_ref<const std::string&>();
    }
    return true;
  };
  Json value;
  try {
    value = Json::parse(line.begin(), line.end(), watch);
  } catch (const Json::exception& error) {
    throw Bad{fmt::format("not JSON: {}", error.what())};
  }
  if (!twice.empty()) throw Bad{fmt::format("key '{}' stands twice in one object", twice)};
  return value;
}

Reader::Reader(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {
  if (!object.is_object()) throw Bad{fmt::format("{} must be an object, got {}", where_, object.type_name())};
}

bool Reader::has(const char* key) const { return object_->contains(key); }

const Json* Reader::find(const char* key) const {
  const auto found = object_->find(key);
  if (found != object_->end()) return &*found;
  if (lenient_) return nullptr;
  throw Bad{fmt::format("field '{}.{}' is missing", where_, key)};
}

const Json* Reader::optional(const char* key) const {
  const auto found = object_->find(key);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

void Reader::refuse(const char* key, const char* wanted, const Json& got) const {
  std::string seen = got.type_name();
  if (got.is_string() || got.is_number()) {
    seen += ' ' + got.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 40);
  }
  throw Bad{fmt::format("field '{}.{}' must be {}, got {}", where_, key, wanted, seen)};
}

std::optional<Reader> Reader::object(const char* key) const {
  const Json* node = find(key);
  if (node == nullptr) return std::nullopt;
  return Reader(*node, fmt::format("{}.{}", where_, key));
}

std::vector<Reader> Reader::objects(const char* key) const {
  std::vector<Reader> items;
  const Json* node = find(key);
  if (node == nullptr) return items;
  if (!node->is_array()) refuse(key, "an array of objects", *node);
  for (const Json& item : *node) items.emplace_back(item, fmt::format("{}.{}[{}]", where_, key, items.size()));
  return items;
}

void Reader::operator()(const char* key, bool& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) refuse(key, "true or false", *node);
  out = node->get<bool>();
}

void Reader::operator()(const char* key, int& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  const bool fits = node->is_number_unsigned()
                        ? node->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<int>::max())
                        : node->is_number_integer() && node->get<std::int64_t>() >= std::numeric_limits<int>::min();
  if (!fits) refuse(key, "a 32-bit integer", *node);
  out = node->get<int>();
}

void Reader::operator()(const char* key, std::uint32_t& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  if (!node->is_number_unsigned() || node->get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
    refuse(key, "an integer from 0 to 4294967295", *node);
  }
  out = node->get<std::uint32_t>();
}

void Reader::operator()(const char* key, std::uint64_t& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  const auto value = from_text<std::uint64_t>(*node);
  if (!value) refuse(key, "an unsigned 64-bit integer in a decimal string, such as \"42\"", *node);
  out = *value;
}

void Reader::operator()(const char* key, std::int64_t& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  const auto value = from_text<std::int64_t>(*node);
  if (!value) refuse(key, "a signed 64-bit integer in a decimal string, such as \"-42\"", *node);
  out = *value;
}

void Reader::operator()(const char* key, std::string& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  auto text = plain_text(*node);
  if (!text) refuse(key, "text without NUL", *node);
  out = std::move(*text);
}

void Reader::operator()(const char* key, Status& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  const auto status = node->is_string() ? parse_status(node->get_ref<const std::string&>()) : std::nullopt;
  if (!status) refuse(key, "one of ok, unsupported, out_of_memory, device_lost, timeout, error", *node);
  out = *status;
}

void Reader::operator()(const char* key, std::vector<std::uint32_t>& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  constexpr auto kWanted = "an array of integers from 0 to 4294967295";
  if (!node->is_array()) refuse(key, kWanted, *node);
  out.clear();
  for (const Json& item : *node) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
      refuse(key, kWanted, item);
    }
    out.push_back(item.get<std::uint32_t>());
  }
}

void Reader::operator()(const char* key, std::vector<std::uint64_t>& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  constexpr auto kWanted = "an array of unsigned 64-bit integers in decimal strings";
  if (!node->is_array()) refuse(key, kWanted, *node);
  out.clear();
  out.reserve(node->size());
  for (const Json& item : *node) {
    const auto value = from_text<std::uint64_t>(item);
    if (!value) refuse(key, kWanted, item);
    out.push_back(*value);
  }
}

void Reader::operator()(const char* key, std::vector<double>& out) {
  const Json* node = find(key);
  if (node == nullptr) return;
  constexpr auto kWanted = "an array of numbers, null standing for NaN";
  if (!node->is_array()) refuse(key, kWanted, *node);
  out.clear();
  out.reserve(node->size());
  for (const Json& item : *node) {
    if (!item.is_number() && !item.is_null()) refuse(key, kWanted, item);
    out.push_back(item.is_null() ? std::numeric_limits<double>::quiet_NaN() : item.get<double>());
  }
}

void Reader::operator()(const char* key, TextMap& out) {
  const Json* node = find(key);
  out.clear();
  if (node != nullptr && !text_map(*node, out)) refuse(key, "an object of texts without NUL", *node);
}

void Reader::operator()(const char* key, Params& out) {
  const Json* node = find(key);
  out.clear();
  if (node != nullptr && !text_map(*node, out)) refuse(key, "an object of texts without NUL", *node);
}

void Reader::operator()(const char* key, std::optional<std::string>& out) {
  out.reset();
  if (optional(key) != nullptr) (*this)(key, out.emplace());
}

void Reader::operator()(const char* key, std::optional<std::uint64_t>& out) {
  out.reset();
  if (optional(key) != nullptr) (*this)(key, out.emplace());
}

void Reader::operator()(const char* key, std::optional<std::int64_t>& out) {
  out.reset();
  if (optional(key) != nullptr) (*this)(key, out.emplace());
}

void Reader::operator()(const char* key, std::optional<double>& out) {
  out.reset();
  const Json* node = optional(key);
  if (node == nullptr) return;
  if (!node->is_number()) refuse(key, "a number or null", *node);
  out = node->get<double>();
}

void Writer::operator()(const char* key, bool value) { (*object_)[key] = value; }
void Writer::operator()(const char* key, int value) { (*object_)[key] = value; }
void Writer::operator()(const char* key, std::uint32_t value) { (*object_)[key] = value; }
void Writer::operator()(const char* key, std::uint64_t value) { (*object_)[key] = fmt::format_int(value).str(); }
void Writer::operator()(const char* key, std::int64_t value) { (*object_)[key] = fmt::format_int(value).str(); }
void Writer::operator()(const char* key, const std::string& value) { (*object_)[key] = value; }
void Writer::operator()(const char* key, Status value) { (*object_)[key] = to_string(value); }

void Writer::operator()(const char* key, const std::vector<std::uint32_t>& value) { (*object_)[key] = value; }

void Writer::operator()(const char* key, const std::vector<std::uint64_t>& value) {
  list(key);
  for (const std::uint64_t item : value) (*object_)[key].push_back(fmt::format_int(item).str());
}

void Writer::operator()(const char* key, const std::vector<double>& value) {
  list(key);
  for (const double item : value) (*object_)[key].push_back(number_or_null(item));
}

void Writer::operator()(const char* key, const TextMap& value) {
  Out& out = object(key);
  for (const auto& [name, text] : value) out[name] = text;
}

void Writer::operator()(const char* key, const Params& value) {
  Out& out = object(key);
  for (const auto& [name, text] : value) out[name] = text;
}

void Writer::operator()(const char* key, const std::optional<std::string>& value) {
  if (value) (*this)(key, *value);
}
void Writer::operator()(const char* key, const std::optional<std::uint64_t>& value) {
  if (value) (*this)(key, *value);
}
void Writer::operator()(const char* key, const std::optional<std::int64_t>& value) {
  if (value) (*this)(key, *value);
}
void Writer::operator()(const char* key, const std::optional<double>& value) {
  if (value && std::isfinite(*value)) (*object_)[key] = *value;
}

Out& Writer::object(const char* key) { return (*object_)[key] = Out::object(); }
void Writer::list(const char* key) { (*object_)[key] = Out::array(); }
Out& Writer::append(const char* key) { return (*object_)[key].emplace_back(Out::object()); }

}  // namespace geomsu::protocol::json
