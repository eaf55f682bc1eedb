// JSON text with its keys in the order they are written, so that equal values give equal bytes: integers in full,
// doubles shortest-round-trip and free of the locale, absent values null. JSON has no infinity and no NaN: they are
// written as the strings "inf", "-inf" and "nan", never as null, which means absent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu {

class JsonWriter {
 public:
  enum class Layout { kLine, kIndented };  // one line of a .jsonl, or a document that people read
  explicit JsonWriter(Layout layout = Layout::kLine) : layout_(layout) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);  // bytes that are no UTF-8 become U+FFFD
  JsonWriter& integer(std::int64_t value);
  JsonWriter& count(std::uint64_t value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();

  // A member of the object that is open.
  JsonWriter& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonWriter& maybe_text(std::string_view name, const std::optional<std::string>& value);
  JsonWriter& integer(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  JsonWriter& integer(std::string_view name, std::optional<std::int64_t> value);
  JsonWriter& count(std::string_view name, std::uint64_t value) { return key(name).count(value); }
  JsonWriter& count(std::string_view name, std::optional<std::uint64_t> value);
  JsonWriter& number(std::string_view name, double value) { return key(name).number(value); }
  JsonWriter& number(std::string_view name, std::optional<double> value);
  JsonWriter& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonWriter& texts(std::string_view name, const std::vector<std::string>& values);
  JsonWriter& integers(std::string_view name, const std::vector<std::int64_t>& values);
  template <class Map>
  JsonWriter& text_map(std::string_view name, const Map& values) {
    key(name).begin_object();
    for (const auto& [k, v] : values) text(std::string_view(k), std::string_view(v));
    return end_object();
  }

  const std::string& str() const { return out_; }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_value();
  void new_line();
  void quoted(std::string_view value);

  Layout layout_;
  std::string out_;
  std::size_t depth_ = 0;
  bool flat_ = false;  // arrays of plain values stay on their line
  bool first_ = true, after_key_ = false;
};

}  // namespace geomsu
