#include "harness/contract/fields.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/contract/calendar.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kMaxIdBytes = 64;

bool is_id(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto joint = [](char c) { return c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= kMaxIdBytes && plain(text.front()) && plain(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || joint(c); });
}

const std::vector<Choice<Concurrency>>& concurrencies() {
  static const std::vector<Choice<Concurrency>> table{{"alone", Concurrency::kAlone},
                                                      {"node", Concurrency::kNode},
                                                      {"rack", Concurrency::kRack},
                                                      {"hall", Concurrency::kHall}};
  return table;
}

std::string advice_for(const ops::ParamSpec& spec) {
  if (!spec.choices.empty()) return fmt::format("write `{}:` with {}", spec.key, list_of(spec.choices));
  return fmt::format("write `{}:` with a whole number ({})", spec.key, spec.doc);
}

// The parameters as text, and where each stands.
struct Given {
  Params params;
  std::vector<std::pair<std::string, Mark>> places;
  bool whole = true;
};

bool has_param(const std::string& op, std::string_view key) {
  const ops::Operation* operation = ops::find(op);
  if (operation == nullptr) return false;
  const auto& specs = operation->params();
  return std::any_of(specs.begin(), specs.end(), [key](const ops::ParamSpec& spec) { return spec.key == key; });
}

// `named`: whether the node names its operation by `op`; else that may be a parameter (collective has one).
Given given_params(const YamlNode& node, bool named, Diagnostics& diagnostics) {
  Given given;
  for (const YamlEntry& entry : node.entries) {
    if (entry.key == "concurrency" || (named && entry.key == "op")) continue;
    given.places.emplace_back(entry.key, entry.key_at);
    const auto text = text_value(entry.value, "'" + entry.key + "' of the workload", diagnostics);
    if (!text) {
      given.whole = false;
      continue;
    }
    given.params[entry.key] = *text;
    given.places.back().second = entry.value.at;
  }
  return given;
}

void report(const ops::Operation& operation, const std::vector<ops::Problem>& problems, const Given& given,
            const YamlNode& node, Diagnostics& diagnostics) {
  std::vector<std::string> keys;
  for (const auto& spec : operation.params()) keys.push_back(spec.key);
  for (const ops::Problem& problem : problems) {
    Mark at = node.at;
    const auto place = std::find_if(given.places.begin(), given.places.end(),
                                    [&](const auto& item) { return item.first == problem.key; });
    const bool stands = place != given.places.end();
    if (stands) at = place->second;
    if (stands && !given.params.contains(problem.key)) continue;  // it was empty, and that has been said
    const auto spec = std::find_if(operation.params().begin(), operation.params().end(),
                                   [&](const ops::ParamSpec& item) { return item.key == problem.key; });
    if (spec != operation.params().end()) {
      diagnostics.error(at, "workload: " + problem.rule,
                        {fmt::format("{} cannot be run so", operation.name()), advice_for(*spec)});
      continue;
    }
    for (const YamlEntry& entry : node.entries) {
      if (entry.key == problem.key) at = entry.key_at;
    }
    const std::string near = did_you_mean(problem.key, keys);
    diagnostics.error(at, fmt::format("unknown key {} in the workload{}", shown(problem.key), near),
                      {fmt::format("{} has no such parameter", operation.name()), "known are " + list_of(keys)});
  }
}

}  // namespace

std::vector<std::string> operation_names() {
  std::vector<std::string> names;
  for (const ops::Operation* operation : ops::all()) names.emplace_back(operation->name());
  return names;
}

std::optional<std::string> required_id(MapReader& reader, const std::string& key, Diagnostics& diagnostics) {
  const Advice advice{"reports, files and commands name it by this", fmt::format("write `{}: a-short-name`", key)};
  const YamlNode* node = reader.required_node(key, advice);
  if (node == nullptr) return std::nullopt;
  const auto text = text_value(*node, "'" + key + "'", diagnostics);
  if (!text) return std::nullopt;
  if (is_id(*text)) return text;
  diagnostics.error(node->at, fmt::format("{} cannot be an {}", shown(*text), key),
                    {"it becomes part of file names and commands",
                     fmt::format("use lower-case letters, digits and - _ . inside, at most {} of them", kMaxIdBytes)});
  return std::nullopt;
}

std::optional<std::string> required_date(MapReader& reader, const std::string& key, const Advice& advice,
                                         Diagnostics& diagnostics) {
  const YamlNode* node = reader.required_node(key, advice);
  if (node == nullptr) return std::nullopt;
  const auto text = text_value(*node, "'" + key + "'", diagnostics);
  if (!text || parse_date(*text)) return text;
  diagnostics.error(node->at, fmt::format("'{}' is no date: {}", key, shown(*text)),
                    {"a date is a day of the calendar that exists", "write YYYY-MM-DD, like 2026-02-28"});
  return std::nullopt;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::optional<std::string> required_sha256(MapReader& reader, const std::string& key, const Advice& advice,
                                           Diagnostics& diagnostics) {
  const YamlNode* node = reader.required_node(key, advice);
  const auto text = node == nullptr ? std::nullopt : text_value(*node, "'" + key + "'", diagnostics);
  if (!text || is_sha256(*text)) return text;
  diagnostics.error(node->at, fmt::format("'{}' is no SHA-256: {}", key, shown(*text)),
                    {"it is compared digit by digit", "write its 64 hexadecimal digits in lower case"});
  return std::nullopt;
}

const std::vector<YamlNode>* required_list(MapReader& reader, const std::string& key, bool may_be_empty,
                                           const Advice& advice, Diagnostics& diagnostics) {
  const YamlNode* node = reader.required_node(key, advice);
  if (node == nullptr) return nullptr;
  if (node->kind != YamlNode::Kind::kSequence) {
    diagnostics.error(node->at, fmt::format("'{}' must be a list, here is {}", key, kind_name(node->kind)), advice);
    return nullptr;
  }
  if (!node->items.empty() || may_be_empty) return &node->items;
  diagnostics.error(node->at, fmt::format("'{}' is an empty list", key), advice);
  return nullptr;
}

std::optional<std::uint32_t> required_count_in(MapReader& reader, const std::string& key, std::uint32_t least,
                                               std::uint32_t most, const Advice& advice, Diagnostics& diagnostics) {
  const auto count = reader.required_count(key, advice);
  if (!count || (*count >= least && *count <= most)) return count;
  const YamlNode* node = reader.optional_node(key);
  diagnostics.error(node->at, fmt::format("'{}' must be from {} to {}, not {}", key, least, most, shown(node->text)),
                    advice);
  return std::nullopt;
}

std::optional<double> required_share(MapReader& reader, const std::string& key, double least, double most, bool closed,
                                     const Advice& advice, Diagnostics& diagnostics) {
  const auto quantity = reader.required_quantity(key, Dimension::kRatio, advice);
  if (!quantity) return std::nullopt;
  const double value = quantity->value;
  if (closed ? value >= least && value <= most && !std::signbit(value) : value > least && value < most) return value;
  const YamlNode* node = reader.optional_node(key);
  diagnostics.error(node->at,
                    fmt::format("'{}' must be {} {:g} % {} {:g} %, not {}", key, closed ? "from" : "above", 100 * least,
                                closed ? "to" : "and under", 100 * most, shown(node->text)),
                    advice);
  return std::nullopt;
}

std::optional<std::int64_t> required_duration(MapReader& reader, const std::string& key, std::int64_t least_ns,
                                              std::int64_t most_ns, const Advice& advice, Diagnostics& diagnostics) {
  const auto quantity = reader.required_quantity(key, Dimension::kTime, advice);
  if (!quantity) return std::nullopt;
  const double ns = std::round(quantity->value * 1e9);
  if (ns >= static_cast<double>(least_ns) && ns <= static_cast<double>(most_ns)) return static_cast<std::int64_t>(ns);
  const YamlNode* node = reader.optional_node(key);
  diagnostics.error(
      node->at,
      fmt::format("'{}' must be from {} to {}, not {}", key,
                  format_quantity(static_cast<double>(least_ns) / 1e9, Dimension::kTime),
                  format_quantity(static_cast<double>(most_ns) / 1e9, Dimension::kTime), shown(node->text)),
      advice);
  return std::nullopt;
}

std::optional<Workload> read_workload(const YamlNode& node, const std::string& op, Diagnostics& diagnostics) {
  MapReader reader(node, "the workload", diagnostics);
  Workload workload;
  workload.op = op;
  if (op.empty()) {
    const Advice advice{"nothing says what to run", "write `op: " + list_of(operation_names()) + "`"};
    workload.op = reader.required_text("op", advice).value_or("");
  } else if (const YamlNode* extra = reader.optional_node("op"); extra != nullptr && !has_param(op, "op")) {
    diagnostics.error(extra->at, "'op' in a clause's workload",
                      {"the clause's `measure` already names the operation", "remove it"});
  }
  const auto concurrency =
      reader.required_choice<Concurrency>("concurrency", concurrencies(),
                                          {"what else was busy moves the figure, so it is part of the workload's name",
                                           "write `concurrency: alone`, `node`, `rack` or `hall`"});
  const ops::Operation* operation = ops::find(workload.op);
  if (!reader.is_map() || workload.op.empty()) return std::nullopt;
  if (operation == nullptr) {
    if (op.empty()) {
      diagnostics.error(
          reader.optional_node("op")->at,
          fmt::format("unknown operation {}{}", shown(workload.op), did_you_mean(workload.op, operation_names())),
          {"this version cannot run it", "write " + list_of(operation_names())});
    }
    return std::nullopt;
  }
  const Given given = given_params(node, op.empty() || !has_param(op, "op"), diagnostics);
  std::vector<ops::Problem> problems;
  workload.params = operation->complete(given.params, problems);
  report(*operation, problems, given, node, diagnostics);
  if (!problems.empty() || !given.whole || !concurrency) return std::nullopt;
  workload.concurrency = *concurrency;
  return workload;
}

}  // namespace geomsu
