#include "harness/contract/money_fields.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/calendar.hpp"

namespace geomsu {
namespace {

const Advice kAmount{"amounts are exact to the won",
                     "write it like '1조 4,590억원', '1억 2,345만원', '62,000,000원' or '31,000 USD'"};

// "700 TFLOP/s" -> "700" and "TFLOP/s": the unit begins where digits, commas, points, strokes and spaces end. A stroke
// belongs to the number only where a digit follows.
std::string_view number_part(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      end = i + 1;
    } else if (c != ',' && c != '.' && c != '/' && c != ' ' && c != '-') {
      break;
    }
  }
  return text.substr(0, end);
}

std::string_view unit_part(std::string_view text) {
  text.remove_prefix(number_part(text).size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string range_words(const ExactRange& range) {
  if (range.least && range.most) return fmt::format("from {} to {}", range.least->text(), range.most->text());
  return range.least ? "at least " + range.least->text() : "at most " + range.most->text();
}

}  // namespace

const YamlNode* MoneyReader::scalar(const std::string& key, const Advice& advice, std::string& text) {
  const YamlNode* node = reader_.required_node(key, advice);
  if (node == nullptr) return nullptr;
  const auto value = text_value(*node, "'" + key + "'", diagnostics_);
  if (!value) return nullptr;
  text = *value;
  return node;
}

std::string MoneyReader::text(const std::string& key, const std::string& why) {
  return reader_.required_text(key, {why, fmt::format("write `{}: ...`", key)}).value_or("");
}

std::string MoneyReader::source() { return text("source", "a figure without a source cannot be checked"); }

Day MoneyReader::day(const std::string& key) {
  std::string text;
  const Advice advice{"days count, and so a day of the calendar is wanted", "write YYYY-MM-DD, like 2026-03-31"};
  const YamlNode* node = scalar(key, advice, text);
  if (node == nullptr) return {};
  if (const auto day = parse_date(text)) return {*day};
  diagnostics_.error(node->at, fmt::format("'{}' is no date: {}", key, shown(text)), advice);
  return {};
}

std::optional<Day> MoneyReader::optional_day(const std::string& key) {
  if (!has(key)) return std::nullopt;
  return day(key);
}

std::uint32_t MoneyReader::count(const std::string& key, std::uint32_t least, std::uint32_t most) {
  const Advice advice{"it is multiplied with amounts",
                      fmt::format("write `{}:` with a whole number from {} to {}", key, least, most)};
  const auto count = reader_.required_count(key, advice);
  if (!count) return least;
  if (*count >= least && *count <= most) return *count;
  diagnostics_.error(reader_.optional_node(key)->at, fmt::format("'{}' is {}", key, *count), advice);
  return least;
}

Won MoneyReader::won(const std::string& key) {
  std::string text, problem;
  const YamlNode* node = scalar(key, kAmount, text);
  if (node == nullptr) return {};
  if (const auto won = parse_won(text, &problem)) return *won;
  diagnostics_.error(node->at, fmt::format("'{}': {}", key, problem), {kAmount.why, "write whole won"});
  return {};
}

Quoted MoneyReader::price(const std::string& key) {
  Quoted price;
  const YamlNode* node = scalar(key, kAmount, price.text);
  if (node == nullptr) return price;
  const std::string currency(unit_part(price.text));
  std::string problem;
  const bool foreign = currency.size() == 3 &&
                       std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (const auto won = parse_won(price.text, &problem)) {
    price.amount = Rational(*won);
    return price;
  }
  if (foreign || currency == "원") {
    const auto amount = Rational::parse(number_part(price.text), &problem);
    if (amount && amount->sign() >= 0 && *amount <= Rational(kMostWon)) {
      price.amount = *amount;
      if (foreign) price.currency = currency;
    } else if (amount) {
      problem = shown(price.text) + " is negative or above 10^18";
    }
    if (!amount || amount->sign() < 0 || *amount > Rational(kMostWon)) {
      diagnostics_.error(node->at, fmt::format("'{}': {}", key, problem), kAmount);
    } else if (foreign && std::find(currencies_.begin(), currencies_.end(), currency) == currencies_.end()) {
      diagnostics_.error(node->at, fmt::format("'{}' is in {} and there is no rate for it", key, currency),
                         {"foreign money is taken at the rate of a fixed contract date",
                          fmt::format("add `fx: [{{currency: {}, won: ..., date: ..., source: ...}}]`", currency)});
    }
    return price;
  }
  diagnostics_.error(node->at, fmt::format("'{}': {}", key, problem), kAmount);
  return price;
}

Figure MoneyReader::exact(const std::string& key, const std::vector<ExactUnit>& units, const ExactRange& range,
                          const std::string& example) {
  const Advice advice{"it is reckoned with exactly", fmt::format("write `{}: {}`", key, example)};
  Figure figure;
  std::string text, problem;
  const YamlNode* node = scalar(key, advice, text);
  if (node == nullptr) return figure;
  const std::string unit(unit_part(text));
  const auto found = std::find_if(units.begin(), units.end(), [&](const ExactUnit& one) { return one.text == unit; });
  if (found == units.end()) {
    std::vector<std::string> words;
    for (const ExactUnit& one : units) {
      if (!one.text.empty()) words.push_back(one.text);
    }
    diagnostics_.error(node->at,
                       fmt::format("'{}' is in no unit that is known here: {}{}", key, shown(text),
                                   unit.empty() ? "" : did_you_mean(unit, words)),
                       advice);
    return figure;
  }
  const auto number = Rational::parse(number_part(text), &problem);
  if (!number) {
    diagnostics_.error(node->at, fmt::format("'{}': {}", key, problem), advice);
    return figure;
  }
  figure.value = *number * found->factor;
  if ((range.least && figure.value < *range.least) || (range.most && figure.value > *range.most)) {
    diagnostics_.error(node->at, fmt::format("'{}' must be {}, and is {}", key, range_words(range), shown(text)),
                       advice);
  }
  const std::string digits(number_part(text));
  const bool fraction = digits.find('/') != std::string::npos;
  if (found->factor == Rational(1)) {
    figure.text = digits;
  } else if (unit == "%" && !fraction) {
    figure.text = digits + "/100";
  }
  return figure;
}

Figure MoneyReader::ratio(const std::string& key, const ExactRange& range) {
  return exact(key, {{"", Rational(1)}, {"%", Rational::of(1, 100)}}, range, "30 %` or `0.75/1000");
}

std::optional<Figure> MoneyReader::optional_ratio(const std::string& key, const ExactRange& range) {
  if (!has(key)) return std::nullopt;
  return ratio(key, range);
}

Figure MoneyReader::with_unit(const std::string& key, std::string& unit) {
  const Advice advice{"figures are compared in one unit", fmt::format("write `{}: 700 TFLOP/s`", key)};
  Figure figure;
  std::string text, problem;
  const YamlNode* node = scalar(key, advice, text);
  if (node == nullptr) return {Rational(1), {}, {}};
  const auto number = Rational::parse(number_part(text), &problem);
  unit = unit_part(text);
  if (number && number->sign() > 0 && !unit.empty()) return {*number, std::string(number_part(text)), {}};
  if (number) problem = unit.empty() ? shown(text) + " has no unit" : shown(text) + " is not above zero";
  diagnostics_.error(node->at, fmt::format("'{}': {}", key, problem), advice);
  return {Rational(1), {}, {}};
}

std::vector<const YamlNode*> MoneyReader::items(const std::string& key) {
  std::vector<const YamlNode*> items;
  const YamlNode* node = reader_.optional_node(key);
  if (node == nullptr) return items;
  if (node->kind != YamlNode::Kind::kSequence || node->items.empty()) {
    diagnostics_.error(
        node->at, fmt::format("'{}' must be a list with at least one item, here is {}", key, kind_name(node->kind)),
        {"there may be several", fmt::format("write the items below `{}:`, each after `- `", key)});
    return items;
  }
  for (const YamlNode& item : node->items) items.push_back(&item);
  return items;
}

Words MoneyReader::words(const std::string& key) {
  const Advice advice{"it is printed in both languages", fmt::format("write `{}: {{ko: ..., en: ...}}`", key)};
  const YamlNode* node = reader_.required_node(key, advice);
  if (node == nullptr) return {};
  MapReader reader(*node, "'" + key + "'", diagnostics_);
  Words words;
  words.ko = reader.required_text("ko", advice).value_or("");
  words.en = reader.required_text("en", advice).value_or("");
  reader.finish();
  return words;
}

bool MoneyReader::vat_included(const std::string& key) {
  return reader_
      .required_choice<bool>(key, {{"excluded", false}, {"included", true}},
                             {"value added tax moves every figure by a tenth, so nothing is assumed",
                              fmt::format("write `{}: excluded` or `included`", key)})
      .value_or(false);
}

std::optional<bool> illustration_of(MapReader& reader) { return reader.optional_flag("illustration"); }

}  // namespace geomsu
