#include "harness/contract/skus.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/fields.hpp"

namespace geomsu {
namespace {

void check_sheet(const std::string& sku, Mark at, const SheetLibrary* sheets, Diagnostics& diagnostics) {
  if (sheets == nullptr || sheets->find(sku) != nullptr) return;
  std::vector<std::string> known;
  for (const DeviceSheet& sheet : sheets->sheets) known.push_back(sheet.sku);
  diagnostics.error(
      at, fmt::format("no device sheet for sku {}{}", shown(sku), did_you_mean(sku, known)),
      {"its bars could not be held against a datasheet", "add a sheet to configs/devices, or leave the sku out"});
}

template <typename Take>
void each_unit(const Contract& contract, Take take) {
  for (const auto* list : {&contract.delivery.units, &contract.delivery.elsewhere}) {
    for (const DeliveredUnit& unit : *list) take(unit);
  }
}

}  // namespace

void read_skus(MapReader& reader, Contract& contract, const SheetLibrary* sheets, Diagnostics& diagnostics) {
  const YamlNode* one = reader.optional_node("sku");
  const YamlNode* several = reader.optional_node("skus");
  if (one != nullptr && several != nullptr) {
    return diagnostics.error(several->at, "both 'sku' and 'skus'",
                             {"the contract names its parts once", "keep `skus: [a, b]` and remove `sku`"});
  }
  if (one != nullptr) {
    contract.sku = reader.optional_text("sku").value_or("");
    if (contract.sku.empty()) return;
    contract.skus = {contract.sku};
    return check_sheet(contract.sku, one->at, sheets, diagnostics);
  }
  if (several == nullptr) return;
  const auto* items = required_list(
      reader, "skus", false, {"each unit and clause may then say which it is", "write `skus: [h100-sxm, h200-sxm]`"},
      diagnostics);
  if (items == nullptr) return;
  for (const YamlNode& item : *items) {
    const auto sku = text_value(item, "a name in 'skus'", diagnostics);
    if (!sku) continue;
    if (std::find(contract.skus.begin(), contract.skus.end(), *sku) != contract.skus.end()) {
      diagnostics.error(item.at, fmt::format("the sku {} stands twice", shown(*sku)),
                        {"the contract names its parts once", "remove one of them"});
      continue;
    }
    check_sheet(*sku, item.at, sheets, diagnostics);
    contract.skus.push_back(*sku);
  }
  if (!contract.skus.empty()) contract.sku = contract.skus.front();
}

void check_sku(const std::string& sku, Mark at, const std::vector<std::string>& skus, Diagnostics& diagnostics) {
  if (std::find(skus.begin(), skus.end(), sku) != skus.end()) return;
  diagnostics.error(
      at, fmt::format("the sku {} is none of the contract's{}", shown(sku), did_you_mean(sku, skus)),
      {"no unit could be of it, and an empty scope is never accepted",
       skus.empty() ? std::string("name the contract's parts: `skus: [...]`") : "write " + list_of(skus)});
}

void check_clause_sku(const ReadClause& read, const Contract& contract, Diagnostics& diagnostics) {
  const std::string& sku = read.clause.sku;
  if (sku.empty()) return;
  check_sku(sku, read.sku_at, contract.skus, diagnostics);
  if (contract.skus.size() < 2 || contract.delivery.discover) return;  // then every unit is of the one
  bool some = false, any = false;
  each_unit(contract, [&](const DeliveredUnit& unit) {
    some = some || unit.sku == sku;
    any = any || !unit.sku.empty();
  });
  if (some || !any) return;
  diagnostics.error(read.sku_at, fmt::format("no unit of the delivery is of sku {}", shown(sku)),
                    {"the clause would judge nothing, and an empty scope is never accepted",
                     "correct the units' `sku`, or remove the clause"});
}

}  // namespace geomsu
