#include "harness/contract/contract.hpp"

#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "harness/contract/bar.hpp"
#include "harness/contract/clause.hpp"
#include "harness/contract/clause_against_suite.hpp"
#include "harness/contract/delivery.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

const std::vector<Later>& later_keys() {
  static const std::vector<Later> table{
      {"software", "remove it; the versions found stand in the report"},
      {"settings", "remove it; the settings found stand in the report"},
      {"site_limits", "remove it; limits of the site are not judged"},
      {"sampling", "remove it; every unit is tested"},
      {"lot", "remove it; every unit is tested"},
      {"reruns", "remove it; every attempt stays in the evidence and the worst counts"},
      {"damages", "remove it; damages for delay are not computed"},
  };
  return table;
}

// What clauses are checked against.
struct Surroundings {
  const Suite* suite = nullptr;
  const DeviceSheet* sheet = nullptr;
  const SheetLibrary* sheets = nullptr;
  BoundExists bound_exists = nullptr;
  const ReadList& read_list;
  bool has_price = false;
};

void check_id(const ReadClause& read, std::unordered_map<std::string, int>& seen, Diagnostics& diagnostics) {
  if (read.clause.id.empty()) return;
  const auto [first, fresh] = seen.emplace(read.clause.id, read.id_at.line);
  if (fresh) return;
  diagnostics.error(read.id_at, fmt::format("the id {} stands twice", shown(read.clause.id)),
                    {fmt::format("the clause in line {} has it, and a verdict names its clause by it", first->second),
                     "give one of them another id"});
}

void check_per_won(const ReadClause& read, const Surroundings& around, Diagnostics& diagnostics) {
  const Clause& clause = read.clause;
  if (clause.scope == Scope::kLot && !read.has_per) {
    diagnostics.error(
        read.id_at, "'scope: lot' without 'per'",
        {"in this version only figures per won are of the whole lot", "write `per: capex`, or `scope: device`"});
  }
  if (!read.has_per) return;
  if (clause.scope != Scope::kLot) {
    diagnostics.error(read.per_at, "'per' without 'scope: lot'",
                      {"the price is that of the whole delivery, so the figure is too", "write `scope: lot`"});
  }
  if (!around.has_price) {
    diagnostics.error(
        read.per_at, "'per' in a contract without a price",
        {"there is nothing to divide by",
         "add `price: {amount: ..., vat: ..., counted_units: ...}`; `amount: unknown` gives the break-even price"});
  }
}

// One line for all clauses whose bar nobody can hold against a sheet for the same reason.
class Unverifiable {
 public:
  void note(const std::string& why, const ReadClause& read) {
    for (auto& item : list_) {
      if (item.why != why) continue;
      item.clauses.push_back(read.clause.id);
      return;
    }
    list_.push_back({why, read.bar_at, {read.clause.id}});
  }
  void report(Diagnostics& diagnostics) const {
    for (const auto& item : list_) {
      diagnostics.warning(item.at, fmt::format("unverifiable: {} ({})", item.why, list_of_all(item.clauses)),
                          {"a bar that is too low or out of reach goes unnoticed",
                           "name a `sku:` of configs/devices, and add what its datasheet says"});
    }
  }

 private:
  static std::string list_of_all(const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
    return text;
  }
  struct Item {
    std::string why;
    Mark at;
    std::vector<std::string> clauses;
  };
  std::vector<Item> list_;
};

std::vector<Clause> read_clauses(MapReader& reader, const Surroundings& around, Diagnostics& diagnostics) {
  const Advice advice{"a contract without clauses promises nothing, and nothing is never green",
                      "write `clauses:` and a list of them; configs/contracts has examples"};
  const YamlNode* node = reader.required_node("clauses", advice);
  if (node == nullptr) return {};
  if (node->kind != YamlNode::Kind::kSequence || node->items.empty()) {
    diagnostics.error(node->at,
                      node->kind == YamlNode::Kind::kSequence || node->kind == YamlNode::Kind::kNull
                          ? std::string("there are no clauses")
                          : fmt::format("'clauses' must be a list, here is {}", kind_name(node->kind)),
                      advice);
    return {};
  }
  std::vector<ReadClause> read;
  std::unordered_map<std::string, int> ids;
  Unverifiable unverifiable;
  for (const YamlNode& item : node->items) {
    read.push_back(read_clause(item, diagnostics));
    check_id(read.back(), ids, diagnostics);
    if (!read.back().whole) continue;
    check_per_won(read.back(), around, diagnostics);
    if (read.back().has_per) continue;
    const std::string gap = around.sheet == nullptr ? "the contract names no sku with a sheet"
                                                    : check_against_sheet(read.back().clause, read.back().bar_at,
                                                                          around.sheet, around.sheets, diagnostics);
    if (!gap.empty()) unverifiable.note(gap, read.back());
  }
  unverifiable.report(diagnostics);
  if (around.suite != nullptr) check_against_suite(read, *around.suite, around.bound_exists, diagnostics);
  warn_of_medians(read, diagnostics);
  std::vector<Clause> clauses;
  for (ReadClause& item : read) clauses.push_back(std::move(item.clause));
  return clauses;
}

void read_sku(MapReader& reader, Contract& contract, Surroundings& around, Diagnostics& diagnostics) {
  contract.sku = reader.optional_text("sku").value_or("");
  if (contract.sku.empty() || around.sheets == nullptr) return;
  around.sheet = around.sheets->find(contract.sku);
  if (around.sheet != nullptr) return;
  std::vector<std::string> skus;
  for (const DeviceSheet& sheet : around.sheets->sheets) skus.push_back(sheet.sku);
  diagnostics.error(
      reader.optional_node("sku")->at,
      fmt::format("no device sheet for sku {}{}", shown(contract.sku), did_you_mean(contract.sku, skus)),
      {"its bars could not be held against a datasheet", "add a sheet to configs/devices, or leave `sku` out"});
}

// A run that may stop early holds no level, so it cannot be what a contract is accepted by.
void check_adaptive(MapReader& reader, const Contract& contract, const Surroundings& around, Diagnostics& diagnostics) {
  const YamlNode* node = reader.optional_node("suite");
  if (around.suite == nullptr || !around.suite->adaptive_min_blocks || around.suite->instead || node == nullptr) return;
  if (contract.demonstration) return;
  diagnostics.error(
      node->at, fmt::format("the suite '{}' stops adaptively", around.suite->name),
      {"who stops once the answer is clear has looked many times, and the confidence no longer holds: it is no "
       "acceptance",
       "name a suite without `adaptive`; for a nightly look leave the contract as it is and run it with `--suite`"});
}

DeliveryTerms delivery_terms(const Contract& contract) {
  DeliveryTerms terms{contract.demonstration, contract.date, contract.skus};
  if (terms.skus.empty() && !contract.sku.empty()) terms.skus = {contract.sku};
  return terms;
}

Contract read_contract(const YamlNode& root, Surroundings around, Diagnostics& diagnostics) {
  MapReader reader(root, "the contract", diagnostics);
  Contract contract;
  contract.id = required_id(reader, "id", diagnostics).value_or("");
  contract.title = reader.required_text("title", {"the report is headed by it", "write `title: ...`"}).value_or("");
  contract.buyer = reader.required_text("buyer", {"the report names both parties", "write `buyer: ...`"}).value_or("");
  contract.supplier =
      reader.required_text("supplier", {"the report names both parties", "write `supplier: ...`"}).value_or("");
  contract.date =
      required_date(reader, "date", {"terms are read as of that day", "write `date: YYYY-MM-DD`"}, diagnostics)
          .value_or("");
  contract.demonstration = reader.optional_flag("demonstration").value_or(false);
  contract.suite =
      reader.required_text("suite", {"it says how long and how often is measured", "write `suite: acceptance`"})
          .value_or("");
  check_adaptive(reader, contract, around, diagnostics);
  read_sku(reader, contract, around, diagnostics);
  const YamlNode* delivery = reader.required_node(
      "delivery", {"an empty scope is never accepted", "write `delivery: {units: [{serial: ...}]}`"});
  if (delivery != nullptr)
    contract.delivery = read_delivery(*delivery, delivery_terms(contract), around.read_list, diagnostics);
  if (const YamlNode* price = reader.optional_node("price")) {
    around.has_price = true;  // where it is wrong, that is said once and not again at each clause
    contract.price = read_price(*price, diagnostics);
  }
  contract.clauses = read_clauses(reader, around, diagnostics);
  reader.finish(later_keys());
  return contract;
}

}  // namespace

const DeviceSheet* SheetLibrary::find(std::string_view sku) const {
  for (const DeviceSheet& sheet : sheets) {
    if (sheet.sku == sku) return &sheet;
  }
  return nullptr;
}

Loaded<Contract> parse_contract(std::string_view yaml, const std::string& name, const Suite* suite,
                                const SheetLibrary* sheets, BoundExists bound_exists, const ReadList& read_list) {
  Diagnostics diagnostics(name);
  Loaded<Contract> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    Contract contract = read_contract(*root, {suite, nullptr, sheets, bound_exists, read_list, false}, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(contract);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
