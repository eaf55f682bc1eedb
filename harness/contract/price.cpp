#include <fmt/format.h>

#include "harness/contract/delivery.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/money/won.hpp"

namespace geomsu {

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
