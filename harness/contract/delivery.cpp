#include "harness/contract/delivery.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/contract/map_reader.hpp"
#include "harness/money/won.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kMaxSerialBytes = 128;

// A serial is compared byte by byte with what the device says, so nothing that looks like another byte may stand in it.
bool is_serial(std::string_view text) {
  return text.size() <= kMaxSerialBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::optional<DeliveredUnit> read_unit(const YamlNode& node, Mark& serial_at, Diagnostics& diagnostics) {
  DeliveredUnit unit;
  const YamlNode* serial = &node;
  if (node.kind == YamlNode::Kind::kMap) {
    MapReader reader(node, "a unit", diagnostics);
    serial = reader.required_node("serial", {"a unit is found by it", "write `- {serial: ..., node: ...}`"});
    unit.node = reader.optional_text("node").value_or("");
    reader.finish();
    if (serial == nullptr) return std::nullopt;
  }
  const auto text = text_value(*serial, "a serial", diagnostics);
  if (!text) return std::nullopt;
  serial_at = serial->at;
  unit.serial = *text;
  if (is_serial(*text)) return unit;
  diagnostics.error(
      serial->at, fmt::format("{} cannot be a serial", shown(*text)),
      {"it is compared byte by byte with what the device says",
       fmt::format("copy it from `geomsu devices`: ASCII, no blanks, at most {} characters", kMaxSerialBytes)});
  return std::nullopt;
}

void read_units(const YamlNode& node, Delivery& delivery, Diagnostics& diagnostics) {
  const Advice advice{"an empty scope is never accepted",
                      "list what was delivered: `units: [{serial: ..., node: ...}]`"};
  if (node.kind == YamlNode::Kind::kNull || (node.kind == YamlNode::Kind::kSequence && node.items.empty())) {
    return diagnostics.error(node.at, "the delivery list is empty", advice);
  }
  if (node.kind != YamlNode::Kind::kSequence) {
    return diagnostics.error(node.at, fmt::format("'units' must be a list, here is {}", kind_name(node.kind)), advice);
  }
  std::unordered_map<std::string, int> seen;
  for (const YamlNode& item : node.items) {
    Mark at;
    const auto unit = read_unit(item, at, diagnostics);
    if (!unit) continue;
    const auto [first, fresh] = seen.emplace(unit->serial, at.line);
    if (!fresh) {
      diagnostics.error(
          at, fmt::format("the serial {} stands twice", shown(unit->serial)),
          {fmt::format("it already stands in line {}; counted twice, one unit would be missing unseen", first->second),
           "correct one of them"});
      continue;
    }
    delivery.units.push_back(*unit);
  }
}

}  // namespace

Delivery read_delivery(const YamlNode& node, bool demonstration, const ReadList& /*read_list*/,
                       Diagnostics& diagnostics) {
  Delivery delivery;
  MapReader reader(node, "the delivery", diagnostics);
  const YamlNode* discover = reader.optional_node("discover");
  delivery.discover = reader.optional_flag("discover").value_or(false);
  delivery.tranche = reader.optional_text("tranche").value_or("");
  const YamlNode* units = reader.optional_node("units");
  reader.finish();
  if (!reader.is_map()) return delivery;
  if (delivery.discover && !demonstration) {
    diagnostics.error(discover->at, "'discover: true' in a contract that is no demonstration",
                      {"whatever is found would be accepted, and what is missing would not be missed",
                       "list the serials under `units:`, or say `demonstration: true`"});
  }
  if (delivery.discover && units != nullptr) {
    diagnostics.error(units->at, "both 'discover: true' and 'units'",
                      {"a list is what found units are held against", "keep one of them"});
  } else if (units != nullptr) {
    read_units(*units, delivery, diagnostics);
  } else if (!delivery.discover) {
    diagnostics.error(
        node.at, "the delivery has no 'units'",
        {"an empty scope is never accepted", "list what was delivered: `units: [{serial: ..., node: ...}]`"});
  }
  return delivery;
}

std::optional<Price> read_price(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "the price", diagnostics);
  Price price;
  const YamlNode* amount = reader.required_node(
      "amount",
      {"figures per won need it", "write `amount: 1조 4,590억원`, or `amount: unknown` for the break-even price"});
  if (amount != nullptr) price.text = text_value(*amount, "'amount'", diagnostics).value_or("");
  if (!price.text.empty() && price.text != "unknown") {
    std::string problem;
    const auto won = parse_won(price.text, &problem);
    if (!won) {
      diagnostics.error(amount->at, fmt::format("'amount': {}", problem),
                        {"money is whole won", "write 1조 4,590억원, 1억 2,345만원, 62,000,000원 or unknown"});
    } else if (won->value <= 0) {
      diagnostics.error(amount->at, "'amount' is nothing",
                        {"performance per nothing is no figure", "write the price, or `unknown`"});
    } else {
      price.won = won->value;
    }
  }
  const auto vat =
      reader.required_choice<bool>("vat", {{"included", true}, {"excluded", false}},
                                   {"it moves every figure per won by a tenth", "write `vat: included` or `excluded`"});
  price.vat_included = vat.value_or(false);
  const auto counted = reader.required_choice<std::string>(
      "counted_units", {{"all", "all"}, {"state_use", "state_use"}},
      {"which units are counted moves every figure per won by a fifth", "write `counted_units: all` or `state_use`"});
  price.counted_units = counted.value_or("");
  reader.finish({{"fx", "remove it and write the amount in won; rates of exchange come later"}});
  if (price.text.empty() || !vat || !counted || (price.text != "unknown" && !price.won)) return std::nullopt;
  return price;
}

}  // namespace geomsu
