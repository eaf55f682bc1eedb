// Private to this room: reads and writes the fields of a message. One description (fields.hpp) serves both directions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/protocol/messages.hpp"

namespace geomsu::protocol::json {

// Why a line is not a message; thrown and caught within this room.
struct Bad {
  std::string why;
};

// A line as JSON, or Bad: over kMaxLineBytes, nested deeper than 16, more than 65,536 containers (each costs far more
// memory than its two characters), a key twice in one object, invalid UTF-8, a number beyond double, anything after the
// value.
nlohmann::json parse(std::string_view line);

using TextMap = std::map<std::string, std::string>;

class Reader {
 public:
  Reader(const nlohmann::json& object, std::string where);  // Bad where it is no object

  // From here on a missing field keeps its default: an answer that is not ok carries what it has.
  void allow_missing() { lenient_ = true; }

  void operator()(const char* key, bool& out);
  void operator()(const char* key, int& out);
  void operator()(const char* key, std::uint32_t& out);
  void operator()(const char* key, std::uint64_t& out);
  void operator()(const char* key, std::int64_t& out);
  void operator()(const char* key, std::string& out);
  void operator()(const char* key, Status& out);
  void operator()(const char* key, std::vector<std::uint32_t>& out);
  void operator()(const char* key, std::vector<std::uint64_t>& out);
  void operator()(const char* key, std::vector<double>& out);
  void operator()(const char* key, TextMap& out);
  void operator()(const char* key, Params& out);
  void operator()(const char* key, std::optional<std::string>& out);
  void operator()(const char* key, std::optional<std::uint64_t>& out);
  void operator()(const char* key, std::optional<std::int64_t>& out);
  void operator()(const char* key, std::optional<double>& out);

  template <class T>
  requires std::is_class_v<T>
  void operator()(const char* key, T& out) {
    if (auto child = object(key)) describe(*child, out);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(const char* key, std::vector<T>& out) {
    out.clear();
    for (Reader& item : objects(key)) describe(item, out.emplace_back());
  }
  // A field that may be left out: empty text, empty list.
  template <class T>
  void maybe(const char* key, T& out) {
    if (has(key)) (*this)(key, out);
  }

 private:
  bool has(const char* key) const;
  const nlohmann::json* find(const char* key) const;      // nullptr where it may be missing; Bad where it may not
  const nlohmann::json* optional(const char* key) const;  // nullptr where absent or null
  std::optional<Reader> object(const char* key) const;
  std::vector<Reader> objects(const char* key) const;
  [[noreturn]] void refuse(const char* key, const char* wanted, const nlohmann::json& got) const;

  const nlohmann::json* object_;
  std::string where_;
  bool lenient_ = false;
};

class Writer {
 public:
  explicit Writer(nlohmann::ordered_json& object) : object_(&object) {}

  void allow_missing() {}
  void operator()(const char* key, bool value);
  void operator()(const char* key, int value);
  void operator()(const char* key, std::uint32_t value);
  void operator()(const char* key, std::uint64_t value);
  void operator()(const char* key, std::int64_t value);
  void operator()(const char* key, const std::string& value);
  void operator()(const char* key, Status value);
  void operator()(const char* key, const std::vector<std::uint32_t>& value);
  void operator()(const char* key, const std::vector<std::uint64_t>& value);
  void operator()(const char* key, const std::vector<double>& value);
  void operator()(const char* key, const TextMap& value);
  void operator()(const char* key, const Params& value);
  void operator()(const char* key, const std::optional<std::string>& value);
  void operator()(const char* key, const std::optional<std::uint64_t>& value);
  void operator()(const char* key, const std::optional<std::int64_t>& value);
  void operator()(const char* key, const std::optional<double>& value);

  template <class T>
  requires std::is_class_v<T>
  void operator()(const char* key, const T& value) {
    Writer child(object(key));
    describe(child, value);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(const char* key, const std::vector<T>& value) {
    list(key);
    for (const T& item : value) {
      Writer child(append(key));
      describe(child, item);
    }
  }
  template <class T>
  void maybe(const char* key, const T& value) {
    if (!value.empty()) (*this)(key, value);
  }

 private:
  nlohmann::ordered_json& object(const char* key);
  void list(const char* key);
  nlohmann::ordered_json& append(const char* key);

  nlohmann::ordered_json* object_;
};

}  // namespace geomsu::protocol::json
