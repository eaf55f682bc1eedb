// One map of a YAML file of the emulation, read field by field. A key that nobody knows, a value that does not read and
// a key that is missing are std::runtime_error "FILE:LINE: ..."; nothing is skipped.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <yaml-cpp/yaml.h>

namespace geomsu::emulation {

class YamlFields {
 public:
  YamlFields(YAML::Node map, std::string file, std::initializer_list<std::string_view> known)
      : map_(std::move(map)), file_(std::move(file)) {
    if (!map_.IsMap()) fail(map_, "a map is wanted here");
    for (const auto& pair : map_) {
      const std::string key = pair.first.as<std::string>();
      bool found = false;
      for (const std::string_view name : known) found = found || name == key;
      if (!found) fail(pair.first, "unknown key '" + key + "'; known: " + joined(known));
    }
  }

  bool has(const char* key) const { return static_cast<bool>(map_[key]); }
  YAML::Node at(const char* key) const { return map_[key]; }

  template <typename T>
  T need(const char* key) const {
    if (!has(key)) fail(map_, std::string("key '") + key + "' is missing");
    return value<T>(map_[key], key);
  }
  template <typename T>
  T get(const char* key, const T& otherwise) const {
    return has(key) ? value<T>(map_[key], key) : otherwise;
  }

  [[noreturn]] void fail(const YAML::Node& at, const std::string& words) const {
    throw std::runtime_error(file_ + ":" + std::to_string(at.Mark().line + 1) + ": " + words);
  }

 private:
  template <typename T>
  T value(const YAML::Node& node, const char* key) const {
    try {
      return node.as<T>();
    } catch (const YAML::Exception&) {
      fail(node, std::string("'") + key + "' does not read as what it must be");
    }
  }
  static std::string joined(std::initializer_list<std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
  }

  YAML::Node map_;
  std::string file_;
};

}  // namespace geomsu::emulation
