#include "harness/cli/json_text.hpp"

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu::cli {

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
  return out;
}

std::string json_bool(bool value) { return value ? "true" : "false"; }

JsonObject& JsonObject::raw(std::string_view key, const std::string& json) {
  body_.append(body_.empty() ? "" : ",").append(json_quote(key)).append(":").append(json);
  return *this;
}
JsonObject& JsonObject::text(std::string_view key, std::string_view value) { return raw(key, json_quote(value)); }
JsonObject& JsonObject::number(std::string_view key, std::int64_t value) { return raw(key, fmt::format("{}", value)); }
JsonObject& JsonObject::boolean(std::string_view key, bool value) { return raw(key, json_bool(value)); }
std::string JsonObject::str() const { return fmt::format("{{{}}}", body_); }

std::string json_array(const std::vector<std::string>& items) { return fmt::format("[{}]", fmt::join(items, ",")); }

}  // namespace geomsu::cli
