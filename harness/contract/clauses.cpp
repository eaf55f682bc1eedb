#include "harness/contract/clauses.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/contract/bar_against_sheet.hpp"
#include "harness/contract/clause_against_suite.hpp"
#include "harness/contract/contradictions.hpp"
#include "harness/contract/fleet_terms.hpp"
#include "harness/contract/provenance.hpp"
#include "harness/contract/skus.hpp"

namespace geomsu {
namespace {

void check_id(const ReadClause& read, std::unordered_map<std::string, int>& seen, Diagnostics& diagnostics) {
  if (read.clause.id.empty()) return;
  const auto [first, fresh] = seen.emplace(read.clause.id, read.id_at.line);
  if (fresh) return;
  diagnostics.error(read.id_at, fmt::format("the id {} stands twice", shown(read.clause.id)),
                    {fmt::format("the clause in line {} has it, and a verdict names its clause by it", first->second),
                     "give one of them another id"});
}

void check_price(const ReadClause& read, bool has_price, Diagnostics& diagnostics) {
  if (!read.has_per || has_price) return;
  diagnostics.error(
      read.per_at, "'per' in a contract without a price",
      {"there is nothing to divide by",
       "add `price: {amount: ..., vat: ..., counted_units: ...}`; `amount: unknown` gives the break-even price"});
}

// Against the sheet of every SKU that the clause is for. A figure per won has none.
void check_sheets(const ReadClause& read, const Contract& contract, const SheetLibrary* sheets,
                  Unverifiable& unverifiable, Diagnostics& diagnostics) {
  if (read.has_per) return;
  bool sheet_found = false;
  for (const std::string& sku : contract.skus) {
    const DeviceSheet* sheet = sheets == nullptr ? nullptr : sheets->find(sku);
    if (sheet == nullptr || (!read.clause.sku.empty() && read.clause.sku != sku)) continue;
    sheet_found = true;
    const std::string gap = check_against_sheet(read, *sheet, *sheets, diagnostics);
    if (!gap.empty()) unverifiable.note(gap, read);
  }
  if (!sheet_found) unverifiable.note("the contract names no sku with a sheet", read);
}

// Only the delivery list can say which units share a rack.
void check_racks(const ReadClause& read, const Contract& contract, Diagnostics& diagnostics) {
  if (read.clause.workload.concurrency != Concurrency::kRack || contract.delivery.discover) return;
  const auto& units = contract.delivery.units;
  if (std::any_of(units.begin(), units.end(), [](const DeliveredUnit& unit) { return !unit.rack.empty(); })) return;
  diagnostics.warning(
      read.scope_at,
      fmt::format("'{}' wants a busy rack, and no unit of the delivery list says its rack", read.clause.id),
      {"nobody can tell whether all of a rack worked together", "write `rack:` in each unit"});
}

}  // namespace

std::vector<ReadClause> read_clauses(MapReader& reader, const Contract& contract, const Surroundings& around,
                                     Diagnostics& diagnostics) {
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
    const ReadClause& clause = read.back();
    check_id(clause, ids, diagnostics);
    if (!clause.whole) continue;
    check_price(clause, around.has_price, diagnostics);
    check_clause_sku(clause, contract, diagnostics);
    check_sheets(clause, contract, around.sheets, unverifiable, diagnostics);
    check_provenance(clause, contract.date, diagnostics);
    check_racks(clause, contract, diagnostics);
  }
  unverifiable.report(diagnostics);
  check_outliers(read, around.has_fleet_terms, diagnostics);
  check_contradictions(read, diagnostics);
  if (around.suite != nullptr) {
    check_against_suite(read, contract.reruns, *around.suite, around.bound_exists, diagnostics);
  }
  warn_of_medians(read, diagnostics);
  return read;
}

}  // namespace geomsu
