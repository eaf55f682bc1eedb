#include "harness/contract/bar.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/unit_table.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {
namespace {

const Advice kOneBar{"a clause without a bar would always be green, and one with several has no single answer",
                     "write exactly one of `at_least:`, `at_most:` and `between:`, like `at_least: 700 TFLOP/s`"};
const Advice kTwoFigures{"it holds the figure from both sides, the low bar first",
                         "write `between: [600 TFLOP/s, 700 TFLOP/s]`"};

Dimension per_won_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kFlops:
      return Dimension::kFlopsPerWon;
    case Dimension::kBandwidth:
      return Dimension::kBandwidthPerWon;
    case Dimension::kTokens:
      return Dimension::kTokensPerWon;
    default:
      return Dimension::kNone;
  }
}

bool higher_is_better(const Clause& clause) {
  const ops::Operation* operation = ops::find(clause.operation);
  for (const auto& spec : operation->quantities()) {
    if (spec.name == clause.quantity) return spec.higher_is_better;
  }
  return true;
}

std::string wanted_units(Dimension dimension) {
  switch (dimension) {
    case Dimension::kFlops:
      return "like 700 TFLOP/s";
    case Dimension::kBandwidth:
      return "like 2.8 TB/s (1 TB = 1e12 B)";
    case Dimension::kTime:
      return "like 15 us";
    case Dimension::kFlopsPerWon:
      return "like 900 TFLOP/s/억원";
    case Dimension::kBandwidthPerWon:
      return "like 2 TB/s/억원";
    default:
      return fmt::format("in {}", canonical_unit(dimension));
  }
}

struct Written {
  Quantity quantity;
  std::string text;
};

// One figure of a bar, above zero and of the measure's dimension. Nothing where the measure is unknown, which has been
// said.
std::optional<Written> read_figure(const YamlNode& node, const std::string& key, const ReadClause& read,
                                   Diagnostics& diagnostics) {
  const auto text = text_value(node, "'" + key + "'", diagnostics);
  if (!text) return std::nullopt;
  const Clause& clause = read.clause;
  const Dimension wanted = bar_dimension(clause.operation, clause.quantity, read.has_per);
  const Advice advice{fmt::format("{} is judged in {}", clause.measure(), canonical_unit(wanted)),
                      "write a bar " + wanted_units(wanted)};
  QuantityError problem;
  const auto quantity = parse_quantity(*text, &problem);
  if (!quantity) {
    const Advice plain{"a bar is a number and its unit", "write it like `at_least: 700 TFLOP/s`"};
    diagnostics.error(node.at, fmt::format("'{}': {}", key, problem.message),
                      wanted == Dimension::kNone ? plain : advice);
    return std::nullopt;
  }
  if (!(quantity->value > 0)) {
    diagnostics.error(
        node.at, fmt::format("the bar {} is not above zero", shown(*text)),
        {"a bar of nothing is no bar, everything passes it", "write the figure that the contract promises"});
    return std::nullopt;
  }
  if (wanted == Dimension::kNone) return std::nullopt;
  if (quantity->dimension != wanted) {
    diagnostics.error(node.at,
                      fmt::format("'{}' wants a {}, {} is a {}", key, dimension_name(wanted), shown(*text),
                                  dimension_name(quantity->dimension)),
                      advice);
    return std::nullopt;
  }
  return Written{*quantity, *text};
}

void read_between(const YamlNode& node, ReadClause& read, Diagnostics& diagnostics) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.size() != 2) {
    return diagnostics.error(node.at,
                             node.kind == YamlNode::Kind::kSequence
                                 ? fmt::format("'between' has {} figures and wants two", node.items.size())
                                 : fmt::format("'between' must be a list of two, here is {}", kind_name(node.kind)),
                             kTwoFigures);
  }
  read.low_at = node.items[0].at;
  read.high_at = node.items[1].at;
  const auto low = read_figure(node.items[0], "between", read, diagnostics);
  const auto high = read_figure(node.items[1], "between", read, diagnostics);
  if (!low || !high) return;
  Clause& clause = read.clause;
  if (!(low->quantity.value < high->quantity.value)) {
    return diagnostics.error(node.items[0].at,
                             fmt::format("'between' has {} before {}, which is not above it", low->text, high->text),
                             kTwoFigures);
  }
  clause.at_least = low->quantity;
  clause.at_most = high->quantity;
  clause.bar_text = low->text + " to " + high->text;
  clause.bar_unit = written_unit(low->text);
  if (clause.bar_unit == written_unit(high->text)) return;
  diagnostics.warning(node.items[1].at,
                      fmt::format("'between' mixes {} and {}", clause.bar_unit, written_unit(high->text)),
                      {"of two units one is easily a slip of a factor of a thousand",
                       "write both figures in one unit; results are printed in that of the first"});
}

}  // namespace

std::string written_unit(const std::string& quantity_text) {
  std::string best;
  for (const UnitEntry& unit : unit_table()) {
    if (unit.text.size() <= best.size() || !quantity_text.ends_with(unit.text)) continue;
    const auto number = parse_quantity(quantity_text.substr(0, quantity_text.size() - unit.text.size()), nullptr);
    if (number && number->dimension == Dimension::kNone) best = unit.text;
  }
  return best;
}

Dimension bar_dimension(const std::string& operation, const std::string& quantity, bool per_won) {
  const ops::Operation* op = ops::find(operation);
  if (op == nullptr) return Dimension::kNone;
  for (const ops::QuantitySpec& spec : op->quantities()) {
    if (spec.name != quantity) continue;
    const UnitEntry* unit = find_unit(spec.unit);
    if (unit == nullptr) return Dimension::kNone;
    return per_won ? per_won_of(unit->dimension) : unit->dimension;
  }
  return Dimension::kNone;
}

void read_bar(MapReader& reader, ReadClause& read, Diagnostics& diagnostics) {
  const YamlNode* least = reader.optional_node("at_least");
  const YamlNode* most = reader.optional_node("at_most");
  const YamlNode* between = reader.optional_node("between");
  if (!reader.is_map()) return;
  const YamlNode* first = nullptr;
  for (const auto& [node, key] : {std::pair(least, "at_least"), {most, "at_most"}, {between, "between"}}) {
    if (node == nullptr) continue;
    if (first != nullptr) {
      return diagnostics.error(
          node->at, fmt::format("a clause has both '{}' and '{}'", least != nullptr ? "at_least" : "at_most", key),
          kOneBar);
    }
    first = node;
  }
  if (first == nullptr) return diagnostics.error(reader.at(), "a clause has no bar", kOneBar);
  if (between != nullptr && read.has_per) {
    return diagnostics.error(between->at, "'between' of a figure per won",
                             {"nobody is given too much performance for the money", "write `at_least:`"});
  }
  if (between != nullptr) return read_between(*between, read, diagnostics);
  Clause& clause = read.clause;
  (least != nullptr ? read.low_at : read.high_at) = first->at;
  const auto figure = read_figure(*first, least != nullptr ? "at_least" : "at_most", read, diagnostics);
  if (!figure) return;
  (least != nullptr ? clause.at_least : clause.at_most) = figure->quantity;
  clause.bar_text = figure->text;
  clause.bar_unit = written_unit(figure->text);
  if (most != nullptr && higher_is_better(clause)) {
    diagnostics.warning(most->at, "'at_most' on " + clause.measure() + ", where more is better",
                        {"it fails the faster part", "check that `at_least` was not meant"});
  }
}

}  // namespace geomsu
