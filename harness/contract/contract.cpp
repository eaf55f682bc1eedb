#include "harness/contract/contract.hpp"

#include <utility>

#include <fmt/format.h>

#include "harness/contract/clauses.hpp"
#include "harness/contract/delivery.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/fleet_terms.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/preconditions.hpp"
#include "harness/contract/reruns.hpp"
#include "harness/contract/sampling_against_contract.hpp"
#include "harness/contract/sampling_terms.hpp"
#include "harness/contract/site_limits.hpp"
#include "harness/contract/skus.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

const std::vector<Later>& later_keys() {
  static const std::vector<Later> table{
      {"lot", "write `sampling:`; a lot is the inspected tranche's nodes"},
      {"damages", "remove it; damages for delay are not computed"},
  };
  return table;
}

// A run that may stop early holds no level, so it cannot be what a contract is accepted by.
void check_adaptive(const YamlNode& node, const Contract& contract, const Suite& suite, Diagnostics& diagnostics) {
  if (!suite.adaptive_min_blocks || contract.demonstration) return;
  diagnostics.error(
      node.at, fmt::format("the suite '{}' stops adaptively", suite.name),
      {"who stops once the answer is clear has looked many times, and the confidence no longer holds: it is no "
       "acceptance",
       "name a suite without `adaptive`; for a nightly look leave the contract as it is and run it with `--suite`"});
}

void check_suite_hash(const YamlNode& node, const Contract& contract, const Suite& suite, Diagnostics& diagnostics) {
  if (contract.suite_sha256.empty() || contract.suite_sha256 == suite.sha256) return;
  diagnostics.error(
      node.at,
      fmt::format("the suite '{}' is not the one that the contract names: its SHA-256 is {}, agreed was {}", suite.name,
                  suite.sha256, contract.suite_sha256),
      {"how long and how often is measured was agreed on with it",
       "bring back the suite that was agreed on, or amend the contract with the new hash"});
}

// A name, or {name, sha256}. A suite that was asked for in place of the contract's is held against neither rule: its
// run says so, and accepts nothing.
void read_suite_reference(MapReader& reader, Contract& contract, const Suite* suite, Diagnostics& diagnostics) {
  const Advice advice{"it says how long and how often is measured",
                      "write `suite: acceptance`, or `suite: {name: acceptance, sha256: ...}`"};
  const YamlNode* node = reader.required_node("suite", advice);
  if (node == nullptr) return;
  if (node->kind == YamlNode::Kind::kMap) {
    MapReader map(*node, "the suite", diagnostics);
    contract.suite = map.required_text("name", advice).value_or("");
    contract.suite_sha256 = required_sha256(map, "sha256",
                                            {"with it nobody can change the suite unseen",
                                             "write what `sha256sum` says of the suite's file"},
                                            diagnostics)
                                .value_or("");
    map.finish();
  } else {
    contract.suite = reader.required_text("suite", advice).value_or("");
  }
  if (suite == nullptr || suite->instead) return;
  check_adaptive(*node, contract, *suite, diagnostics);
  check_suite_hash(*node, contract, *suite, diagnostics);
}

void check_counted_units(const YamlNode& price, const Contract& contract, Diagnostics& diagnostics) {
  if (!contract.price || contract.price->counted_units != "state_use" || contract.delivery.states_use) return;
  diagnostics.error(price.at, "'counted_units: state_use', and no unit says who uses it",
                    {"the units that the State uses are counted, and none of them is known",
                     "write `use: state` in each of them, or `counted_units: all`"});
}

Contract read_contract(const YamlNode& root, Surroundings around, const ReadList& read_list, Diagnostics& diagnostics) {
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
  read_suite_reference(reader, contract, around.suite, diagnostics);
  read_skus(reader, contract, around.sheets, diagnostics);
  const YamlNode* delivery = reader.required_node(
      "delivery", {"an empty scope is never accepted", "write `delivery: {units: [{serial: ...}]}`"});
  if (delivery != nullptr) {
    contract.delivery =
        read_delivery(*delivery, {contract.demonstration, contract.date, contract.skus}, read_list, diagnostics);
  }
  if (const YamlNode* price = reader.optional_node("price")) {
    around.has_price = true;
    contract.price = read_price(*price, diagnostics);
    check_counted_units(*price, contract, diagnostics);
  }
  contract.preconditions = read_preconditions(reader, contract.skus, diagnostics);
  contract.site_limits = read_site_limits(reader, diagnostics);
  contract.reruns = read_reruns(reader, diagnostics);
  const auto fleet = read_fleet_terms(reader, diagnostics);
  around.has_fleet_terms = fleet.has_value();
  contract.fleet = fleet.value_or(contract.fleet);
  contract.sampling = read_sampling(reader, contract.date, diagnostics);
  std::vector<ReadClause> clauses = read_clauses(reader, contract, around, diagnostics);
  const YamlNode* sampling = reader.optional_node("sampling");
  check_sampling(contract, clauses, sampling == nullptr ? reader.at() : sampling->at, diagnostics);
  for (ReadClause& read : clauses) contract.clauses.push_back(std::move(read.clause));
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
    Contract contract = read_contract(*root, {suite, sheets, bound_exists}, read_list, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(contract);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
