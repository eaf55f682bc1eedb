#include "kernels/ops/params.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace geomsu::ops {

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> product(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  if (!a || !b || (*b != 0 && *a > kMaxCount / *b)) return std::nullopt;
  return *a * *b;
}

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string join(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + item;
  return text;
}

Params complete_by(const std::vector<ParamSpec>& specs, const Params& given, std::vector<Problem>& problems) {
  Params complete;
  for (const auto& [key, value] : given) {
    const bool known =
        std::any_of(specs.begin(), specs.end(), [&, &name = key](const ParamSpec& spec) { return spec.key == name; });
    if (known) continue;
    std::vector<std::string> keys;
    for (const auto& spec : specs) keys.push_back(spec.key);
    problems.push_back({key, "there is no parameter '" + key + "'; known are " + join(keys)});
  }
  for (const auto& spec : specs) {
    const auto found = given.find(spec.key);
    if (found == given.end()) {
      if (spec.default_value.empty()) {
        problems.push_back({spec.key, spec.key + " must be given: " + spec.doc});
      } else if (spec.default_value.front() != '(') {
        complete[spec.key] = spec.default_value;
      }
      continue;
    }
    const std::string& value = found->second;
    if (!spec.choices.empty()) {
      if (contains(spec.choices, value)) {
        complete[spec.key] = value;
      } else {
        problems.push_back({spec.key, spec.key + " must be one of " + join(spec.choices) + ", got '" + value + "'"});
      }
      continue;
    }
    const auto number = parse_count(value);
    if (number && *number >= 1 && (*number <= kMaxExtent || spec.key == "bytes")) {
      complete[spec.key] = std::to_string(*number);  // 007 and 7 are the same workload and must have the same name
    } else {
      problems.push_back({spec.key, spec.key + " must be an integer from 1 to 2^31-1, got '" + value + "'"});
    }
  }
  return complete;
}

const std::string& text_of(const Params& params, std::string_view key) {
  const auto found = params.find(key);
  if (found == params.end())
    throw std::invalid_argument("parameter '" + std::string(key) + "' is missing: complete() first");
  return found->second;
}

std::uint64_t count_of(const Params& params, std::string_view key) {
  const std::string& text = text_of(params, key);
  const auto number = parse_count(text);
  if (!number) throw std::invalid_argument("parameter '" + std::string(key) + "' is no count: '" + text + "'");
  return *number;
}

const std::vector<std::string>& data_names() {
  static const std::vector<std::string> names{"normal", "uniform", "trig", "zeros"};
  return names;
}

Data data_of(const Params& params) {
  const std::string& name = text_of(params, "data");
  const auto& names = data_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::invalid_argument("there is no data '" + name + "'; known are " + join(names));
  return static_cast<Data>(found - names.begin());
}

}  // namespace geomsu::ops
