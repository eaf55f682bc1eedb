#include "harness/contract/provenance.hpp"

#include <fmt/format.h>

#include "harness/contract/calendar.hpp"
#include "harness/contract/fields.hpp"

namespace geomsu {

void read_provenance(MapReader& clause_reader, ReadClause& read, Diagnostics& diagnostics) {
  const YamlNode* node = clause_reader.required_node(
      "provenance", {"a bar that nobody can trace was set from one measurement or copied from the last contract",
                     "write `provenance: {source: ..., date: YYYY-MM-DD, by: ..., concurrency: alone}`"});
  if (node == nullptr) return;
  MapReader reader(*node, "the provenance", diagnostics);
  Provenance& from = read.clause.provenance;
  from.source =
      reader.required_text("source", {"it says where the bar comes from", "write the page, proposal or test report"})
          .value_or("");
  from.date = required_date(reader, "date", {"bars go stale", "write `date: YYYY-MM-DD`"}, diagnostics).value_or("");
  if (const YamlNode* date = reader.optional_node("date")) read.provenance_date_at = date->at;
  from.by =
      reader.required_text("by", {"somebody answers for the figure", "write who measured or proposed it"}).value_or("");
  const auto concurrency = reader.required_choice<std::string>(
      "concurrency", {{"alone", "alone"}, {"node", "node"}, {"rack", "rack"}, {"hall", "hall"}, {"unknown", "unknown"}},
      {"most public figures are taken with everything else idle", "write `concurrency: alone`, `node` or `unknown`"});
  from.concurrency = concurrency.value_or("");
  if (const YamlNode* busy = reader.optional_node("concurrency")) read.provenance_concurrency_at = busy->at;
  reader.finish();
}

void check_provenance(const ReadClause& read, const std::string& contract_date, Diagnostics& diagnostics) {
  const Clause& clause = read.clause;
  const Concurrency busy = clause.workload.concurrency;
  if (clause.provenance.concurrency == "alone" && busy != Concurrency::kAlone) {
    diagnostics.warning(
        read.provenance_concurrency_at,
        fmt::format("the bar of '{}' was taken alone and is held against a busy {}", clause.id, to_string(busy)),
        {"a device that shares power, cooling and links with its neighbours reads less than one that works alone",
         fmt::format("take the bar from a busy {}, or judge it with `concurrency: alone`", to_string(busy))});
  }
  const auto taken = parse_date(clause.provenance.date), agreed = parse_date(contract_date);
  if (taken && agreed && *taken > *agreed) {
    diagnostics.warning(read.provenance_date_at,
                        fmt::format("the provenance of '{}' is of {}, after the contract's own date, {}", clause.id,
                                    clause.provenance.date, contract_date),
                        {"a bar cannot have been agreed on before the figure that it comes from was known",
                         "correct one of the two dates, or amend the contract under a new date"});
  }
}

}  // namespace geomsu
