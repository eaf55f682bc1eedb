// JSON that nobody vouches for, read strictly: each mistake is Error kBadData that names the file and the field.
// Duplicate keys, unknown keys, missing keys, numbers beyond their type, other types: all refused. The only source that
// knows the JSON library is json_reader.cpp (one such source costs 12 s to compile).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu {

// A view into a JsonDocument, which must outlive it.
class JsonObject {
 public:
  JsonObject(const void* node, std::string path, const std::string* where)
      : node_(node), path_(std::move(path)), where_(where) {}

  bool has(std::string_view key) const;      // for members that earlier versions did not write
  bool is_null(std::string_view key) const;  // present and null; does not count as read
  std::string text(std::string_view key);
  std::optional<std::string> maybe_text(std::string_view key);
  std::int64_t integer(std::string_view key);
  std::optional<std::int64_t> maybe_integer(std::string_view key);
  std::uint64_t count(std::string_view key);
  std::optional<std::uint64_t> maybe_count(std::string_view key);
  std::uint32_t count32(std::string_view key);
  double number(std::string_view key);
  std::optional<double> maybe_number(std::string_view key);
  bool boolean(std::string_view key);
  JsonObject object(std::string_view key);
  std::optional<JsonObject> maybe_object(std::string_view key);
  std::vector<JsonObject> objects(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::int64_t> integers(std::string_view key);
  std::map<std::string, std::string> text_map(std::string_view key);

  void finish() const;  // refuses the first key that nobody asked for
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const;  // "field 'trials[3].blocks': why"

 private:
  const void* find(std::string_view key);
  const void* present(std::string_view key);

  const void* node_;
  std::string path_;
  const std::string* where_;
  std::vector<std::string> read_;
};

class JsonDocument {
 public:
  // One JSON object and nothing after it. `where`: the file's name, with its line where there are many.
  JsonDocument(std::string_view text, std::string where);
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  JsonObject root() const;

 private:
  struct Tree;
  std::unique_ptr<Tree> tree_;
  std::string where_;
};

}  // namespace geomsu
