#include "harness/evidence/json_writer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu {
namespace {

// Stands in a JSON string as it is, and is UTF-8 alone.
bool is_bare(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace

void JsonWriter::new_line() {
  if (layout_ == Layout::kLine || flat_) return;
  out_ += '\n';
  out_.append(2 * depth_, ' ');
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) out_ += ',';
  first_ = false;
  new_line();
}

JsonWriter& JsonWriter::open(char bracket) {
  before_value();
  out_ += bracket;
  ++depth_;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  --depth_;
  if (!first_) new_line();
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  quoted(name);
  out_ += layout_ == Layout::kIndented ? ": " : ":";
  after_key_ = true;
  return *this;
}

void JsonWriter::quoted(std::string_view value) {
  out_ += '"';
  if (std::all_of(value.begin(), value.end(), is_bare)) {
    out_ += value;
    out_ += '"';
    return;
  }
  for (const char c : valid_utf8(value)) {
    switch (c) {
      case '"':
        out_ += "\\\"";
        break;
      case '\\':
        out_ += "\\\\";
        break;
      case '\n':
        out_ += "\\n";
        break;
      case '\t':
        out_ += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out_ += c;
        }
    }
  }
  out_ += '"';
}

JsonWriter& JsonWriter::text(std::string_view value) {
  before_value();
  quoted(value);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  before_value();
  out_ += fmt::format("{}", value);
  return *this;
}

JsonWriter& JsonWriter::count(std::uint64_t value) {
  before_value();
  out_ += fmt::format("{}", value);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  if (std::isnan(value)) return text("nan");
  if (std::isinf(value)) return text(value < 0 ? "-inf" : "inf");
  before_value();
  out_ += shortest(value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::maybe_text(std::string_view name, const std::optional<std::string>& value) {
  key(name);
  return value ? text(std::string_view(*value)) : null();
}

JsonWriter& JsonWriter::integer(std::string_view name, std::optional<std::int64_t> value) {
  key(name);
  return value ? integer(*value) : null();
}

JsonWriter& JsonWriter::count(std::string_view name, std::optional<std::uint64_t> value) {
  key(name);
  return value ? count(*value) : null();
}

JsonWriter& JsonWriter::number(std::string_view name, std::optional<double> value) {
  key(name);
  return value ? number(*value) : null();
}

JsonWriter& JsonWriter::texts(std::string_view name, const std::vector<std::string>& values) {
  key(name).begin_array();
  flat_ = true;
  for (const std::string& value : values) text(std::string_view(value));
  end_array();
  flat_ = false;
  return *this;
}

JsonWriter& JsonWriter::integers(std::string_view name, const std::vector<std::int64_t>& values) {
  key(name).begin_array();
  flat_ = true;
  for (const std::int64_t value : values) integer(value);
  end_array();
  flat_ = false;
  return *this;
}

}  // namespace geomsu
