// JSON for the few small documents that the command line itself prints; those of evidence and reports are made there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace geomsu::cli {

std::string json_quote(std::string_view text);  // a string; bytes that are no UTF-8 become U+FFFD
std::string json_bool(bool value);

class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& number(std::string_view key, std::int64_t value);
  JsonObject& boolean(std::string_view key, bool value);
  JsonObject& raw(std::string_view key, const std::string& json);
  std::string str() const;

 private:
  std::string body_;
};

std::string json_array(const std::vector<std::string>& items);  // of JSON values

}  // namespace geomsu::cli
