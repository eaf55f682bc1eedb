#include "harness/model/workload.hpp"

#include <algorithm>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/model/names.hpp"

namespace geomsu {
namespace {

constexpr std::array<Named<Concurrency>, 4> kConcurrencies{{{Concurrency::kAlone, "alone"},
                                                            {Concurrency::kNode, "node"},
                                                            {Concurrency::kRack, "rack"},
                                                            {Concurrency::kHall, "hall"}}};

// An op, a key or a value. The separators of a name are not among them, so that no two workloads share a name.
bool is_word(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '+' || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

const std::string& checked(const std::string& word) {
  if (is_word(word)) return word;
  throw Error(ErrorCode::kBadData, "a workload cannot be named: '" + escape_terminal(word) +
                                       "' holds more than letters, digits and _ . + -");
}

bool read_params(std::string_view text, Params& params) {
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = pair.substr(0, equals), value = pair.substr(equals + 1);
    if (!is_word(key) || !is_word(value)) return false;
    if (!params.emplace(std::string(key), std::string(value)).second) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string_view to_string(Concurrency concurrency) { return text_of(kConcurrencies, concurrency); }
std::optional<Concurrency> parse_concurrency(std::string_view text) { return value_of(kConcurrencies, text); }

std::string Workload::name() const {
  std::string text = checked(op);
  char separator = ':';
  for (const auto& [key, value] : params) {
    text += separator;
    text += checked(key);
    text += '=';
    text += checked(value);
    separator = ',';
  }
  text += '@';
  text += to_string(concurrency);
  return text;
}

std::optional<Workload> Workload::parse(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::optional<Concurrency> concurrency = parse_concurrency(text.substr(at + 1));
  if (!concurrency) return std::nullopt;
  text = text.substr(0, at);
  const std::size_t colon = text.find(':');
  Workload workload;
  workload.op = std::string(text.substr(0, colon));
  workload.concurrency = *concurrency;
  if (!is_word(workload.op)) return std::nullopt;
  if (colon != std::string_view::npos && !read_params(text.substr(colon + 1), workload.params)) return std::nullopt;
  return workload;
}

}  // namespace geomsu
