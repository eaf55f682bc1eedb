#include "harness/judge/precondition.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/base/units.hpp"

namespace geomsu {
namespace {

std::optional<std::string> of_plugin(std::string_view what, const PlannedUnit& unit, const Environment* environment) {
  if (environment == nullptr) return std::nullopt;
  for (const PluginFact& plugin : environment->plugins) {
    if (plugin.backend != unit.backend || !plugin.refused.empty()) continue;
    const std::string& text = what == "sha256" ? plugin.sha256 : what == "version" ? plugin.version : plugin.build_id;
    return text.empty() ? std::nullopt : std::optional(text);
  }
  return std::nullopt;
}

std::optional<std::string> number(const std::optional<std::uint64_t>& value) {
  return value ? std::optional(std::to_string(*value)) : std::nullopt;
}

std::optional<bool> truth(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const char* word : {"on", "true", "yes", "enabled", "1"}) {
    if (lower == word) return true;
  }
  for (const char* word : {"off", "false", "no", "disabled", "0"}) {
    if (lower == word) return false;
  }
  return std::nullopt;
}

// "570.86.15": its numbers, without leading zeros, so that they compare by length and digits at any size. Empty where
// it is none.
std::vector<std::string> version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  std::vector<std::string> numbers(1);
  for (const char c : text) {
    if (c == '.') {
      numbers.emplace_back();
    } else if (c >= '0' && c <= '9') {
      numbers.back() += c;
    } else {
      return {};
    }
  }
  for (std::string& digits : numbers) {
    if (digits.empty()) return {};
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  }
  while (numbers.size() > 1 && numbers.back() == "0") numbers.pop_back();  // 13.0 is 13
  return numbers;
}

// Below, equal or above, as -1, 0, 1.
int compare_versions(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string_view x = i < a.size() ? std::string_view(a[i]) : "0";
    const std::string_view y = i < b.size() ? std::string_view(b[i]) : "0";
    const auto size_and_digits = [](std::string_view text) { return std::pair(text.size(), text); };
    if (size_and_digits(x) != size_and_digits(y)) return size_and_digits(x) < size_and_digits(y) ? -1 : 1;
  }
  return 0;
}

// The unit in which an attribute without one is written, by its key's last part.
std::string_view unit_of(std::string_view key) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kUnits{
      {{"mb_per_s", "MB/s"}, {"_w", "W"}, {"_mhz", "MHz"}, {"_c", "°C"}, {"_bytes", "B"}, {"_s", "s"}, {"_ns", "ns"}}};
  for (const auto& [end, unit] : kUnits) {
    if (key.ends_with(end)) return unit;
  }
  return {};
}

bool compare(Precondition::Test test, int order) {
  switch (test) {
    case Precondition::Test::kEqual:
      return order == 0;
    case Precondition::Test::kAtLeast:
      return order >= 0;
    case Precondition::Test::kAtMost:
      return order <= 0;
  }
  return false;
}

// Both as quantities of one dimension; nothing where they are not.
std::optional<int> compare_quantities(const Precondition& precondition, const std::string& found) {
  const auto wanted = parse_quantity(precondition.wanted, nullptr);
  auto have = parse_quantity(found, nullptr);
  if (!wanted || !have) return std::nullopt;
  if (wanted->dimension != Dimension::kNone && have->dimension == Dimension::kNone)
    have = parse_quantity(fmt::format("{} {}", found, unit_of(precondition.key)), nullptr);
  if (!have || have->dimension != wanted->dimension) return std::nullopt;
  // A version is no number: 570.10 comes after 570.9.
  if (wanted->dimension == Dimension::kNone && !precondition.setting) return std::nullopt;
  return have->value < wanted->value ? -1 : have->value > wanted->value ? 1 : 0;
}

std::string wanted_words(const Precondition& precondition) {
  switch (precondition.test) {
    case Precondition::Test::kEqual:
      return precondition.wanted;
    case Precondition::Test::kAtLeast:
      return "at least " + precondition.wanted;
    case Precondition::Test::kAtMost:
      return "at most " + precondition.wanted;
  }
  return precondition.wanted;
}

}  // namespace

std::optional<std::string> told(const std::string& key, const PlannedUnit& unit, const Environment* environment) {
  constexpr std::string_view kPlugin = "plugin.";
  for (const std::string_view what : {"sha256", "version", "build_id"}) {
    if (key == std::string(kPlugin) + std::string(what)) return of_plugin(what, unit, environment);
  }
  if (unit.device) {
    const DeviceInfo& device = *unit.device;
    if (key == "driver") return device.driver;
    if (key == "firmware") return device.firmware;
    if (key == "partition") return device.partition;
    if (key == "name") return device.name;
    if (key == "vendor") return device.vendor;
    if (key == "memory_bytes") return number(device.memory_bytes);
    if (key == "pcie_generation") return number(device.pcie_generation);
    if (key == "pcie_width") return number(device.pcie_width);
    if (const auto found = device.attributes.find(key); found != device.attributes.end()) return found->second;
  }
  if (environment != nullptr) {
    if (const auto found = environment->facts.find(key); found != environment->facts.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<bool> holds(const Precondition& precondition, const std::string& found) {
  if (precondition.test == Precondition::Test::kEqual && found == precondition.wanted) return true;
  if (const auto order = compare_quantities(precondition, found)) return compare(precondition.test, *order);
  if (precondition.test == Precondition::Test::kEqual) {
    const auto wanted = truth(precondition.wanted), have = truth(found);
    return precondition.setting && wanted && have && *wanted == *have;
  }
  const auto wanted = version(precondition.wanted), have = version(found);
  if (wanted.empty() || have.empty()) return std::nullopt;
  return compare(precondition.test, compare_versions(have, wanted));
}

std::optional<Refusal> broken_preconditions(const Contract& contract, const std::string& sku, const PlannedUnit& unit,
                                            const Environment* environment) {
  std::string words;
  for (const Precondition& precondition : contract.preconditions) {
    if (!precondition.sku.empty() && precondition.sku != sku) continue;
    const std::optional<std::string> found = told(precondition.key, unit, environment);
    const std::optional<bool> met = found ? holds(precondition, *found) : std::nullopt;
    if (met && *met) continue;
    words += fmt::format("{}the contract wants {} {}, and {}", words.empty() ? "" : "; ",
                         escape_terminal(precondition.key), escape_terminal(wanted_words(precondition)),
                         !found ? std::string("nobody tells what it is")
                                : escape_terminal(fmt::format("found is {}{}", *found,
                                                              met ? "" : ", which cannot be compared with that")));
  }
  if (words.empty()) return std::nullopt;
  return Refusal{Outcome::kInvalid, Reason::kPrecondition, words + "; set it right and inspect again"};
}

}  // namespace geomsu
