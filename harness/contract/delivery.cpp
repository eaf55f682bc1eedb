#include "harness/contract/delivery.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "harness/contract/calendar.hpp"
#include "harness/contract/delivery_lists.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/tranche.hpp"

namespace geomsu {
namespace {

const Advice kListUnits{"an empty scope is never accepted",
                        "list what was delivered: `units: [{serial: ..., node: ...}]`"};

UnitCell cell_of(MapReader& reader, const std::string& key) {
  const YamlNode* node = reader.optional_node(key);
  return node == nullptr ? UnitCell{} : UnitCell{reader.optional_text(key).value_or(""), node->at};
}

std::optional<ListedUnit> read_unit(const YamlNode& node, Diagnostics& diagnostics) {
  UnitCells cells;
  cells.at = node.at;
  if (node.kind != YamlNode::Kind::kMap) {
    const auto text = text_value(node, "a serial", diagnostics);
    if (!text) return std::nullopt;
    cells.serial = {*text, node.at};
    return listed_unit(cells, diagnostics);
  }
  MapReader reader(node, "a unit", diagnostics);
  cells.uuid = cell_of(reader, "uuid");
  const YamlNode* serial = reader.optional_node("serial");
  if (serial == nullptr && cells.uuid.text.empty()) {
    reader.required_node("serial", {"a unit is found by it", "write `- {serial: ..., node: ...}`"});
  }
  cells.serial = cell_of(reader, "serial");
  cells.node = cell_of(reader, "node");
  cells.rack = cell_of(reader, "rack");
  cells.sku = cell_of(reader, "sku");
  cells.use = cell_of(reader, "use");
  reader.finish();
  if (cells.serial.text.empty() && (serial != nullptr || cells.uuid.text.empty())) return std::nullopt;  // it was said
  return listed_unit(cells, diagnostics);
}

std::vector<ListedUnit> read_units(const YamlNode& node, Diagnostics& diagnostics) {
  std::vector<ListedUnit> units;
  if (node.kind == YamlNode::Kind::kNull || (node.kind == YamlNode::Kind::kSequence && node.items.empty())) {
    diagnostics.error(node.at, "the delivery list is empty", kListUnits);
  } else if (node.kind != YamlNode::Kind::kSequence) {
    diagnostics.error(node.at, fmt::format("'units' must be a list, here is {}", kind_name(node.kind)), kListUnits);
  }
  for (const YamlNode& item : node.items) {
    if (auto unit = read_unit(item, diagnostics)) units.push_back(std::move(*unit));
  }
  return units;
}

struct Key {
  std::string_view name;
  const YamlNode* node = nullptr;
};

// What a list, or a tranche of several, says: its units here or in a file, and when it is due.
class TrancheReader {
 public:
  TrancheReader(MapReader& reader, const YamlNode& node) : node_(node) {
    units_ = reader.optional_node("units");
    list_ = reader.optional_node("list");
    sha256_ = reader.optional_node("sha256");
    due_ = reader.optional_node("due");
  }
  bool says_units() const { return units_ != nullptr || list_ != nullptr; }
  // The first key that is there; its node is null where there is none.
  Key first_key() const {
    for (const Key& key : {Key{"units", units_}, Key{"list", list_}, Key{"sha256", sha256_}, Key{"due", due_}}) {
      if (key.node != nullptr) return key;
    }
    return {};
  }

  ReadTranche read(const std::string& name, Mark at, DeliveryLists& lists, Diagnostics& diagnostics) const {
    ReadTranche read{{name, {}}, at, at, {}};
    if (due_ != nullptr) {
      read.due_at = due_->at;
      read.tranche.due = text_value(*due_, "'due'", diagnostics).value_or("");
      if (!read.tranche.due.empty() && !parse_date(read.tranche.due)) {
        diagnostics.error(due_->at, fmt::format("'due' is no date: {}", shown(read.tranche.due)),
                          {"a date is a day of the calendar that exists, as Korea counts it (Asia/Seoul)",
                           "write YYYY-MM-DD, like 2026-02-28"});
      }
    }
    if (units_ != nullptr && list_ != nullptr) {
      diagnostics.error(list_->at, "both 'units' and 'list'", {"a unit stands in one list", "keep one of them"});
    } else if (list_ != nullptr) {
      read.units = lists.take(*list_, sha256_, name);
    } else if (units_ != nullptr) {
      read.units = read_units(*units_, diagnostics);
    }
    if (list_ == nullptr && sha256_ != nullptr) {
      diagnostics.error(sha256_->at, "'sha256' without 'list'",
                        {"it is the hash of a list that stands in a file", "write `list: lists/1.csv`, or remove it"});
    }
    for (ListedUnit& unit : read.units) unit.unit.tranche = name;
    return read;
  }
  void refuse_nothing(std::string what, Diagnostics& diagnostics) const {
    if (says_units()) return;
    diagnostics.error(node_.at, std::move(what),
                      {kListUnits.why, kListUnits.next + ", or `list: lists/1.csv` with its `sha256:`"});
  }

 private:
  const YamlNode& node_;
  const YamlNode *units_ = nullptr, *list_ = nullptr, *sha256_ = nullptr, *due_ = nullptr;
};

std::vector<ReadTranche> read_tranches(const YamlNode& node, DeliveryLists& lists, Diagnostics& diagnostics) {
  std::vector<ReadTranche> tranches;
  const Advice advice{"an empty scope is never accepted",
                      "write `tranches: [{name: 1차, due: ..., units: [...]}]`, or one list without tranches"};
  if (node.kind != YamlNode::Kind::kSequence || node.items.empty()) {
    diagnostics.error(node.at, "'tranches' must be a list with at least one of them", advice);
    return tranches;
  }
  for (const YamlNode& item : node.items) {
    MapReader reader(item, "a tranche", diagnostics);
    const YamlNode* name = reader.required_node("name", {"'inspected' and the report name it", "write `name: 1차`"});
    const std::string text = name == nullptr ? "" : text_value(*name, "'name'", diagnostics).value_or("");
    const TrancheReader tranche(reader, item);
    reader.finish();
    if (!reader.is_map() || text.empty()) continue;
    tranche.refuse_nothing(fmt::format("the tranche {} has no units", shown(text)), diagnostics);
    tranches.push_back(tranche.read(text, name->at, lists, diagnostics));
  }
  return tranches;
}

// The tranche that is inspected; its name is in the delivery already where the contract has one list.
void choose_inspected(const YamlNode* inspected, const YamlNode& tranches_node,
                      const std::vector<ReadTranche>& tranches, Delivery& delivery, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const ReadTranche& tranche : tranches) names.push_back(tranche.tranche.name);
  if (inspected == nullptr) {
    if (names.size() == 1) delivery.tranche = names.front();
    if (names.size() < 2) return;
    diagnostics.error(tranches_node.at, "the delivery does not say which tranche is inspected",
                      {"units of the others are not due now", "write `inspected: ` and one of " + list_of(names)});
    return;
  }
  delivery.tranche = text_value(*inspected, "'inspected'", diagnostics).value_or("");
  if (delivery.tranche.empty() || names.empty()) return;
  if (std::find(names.begin(), names.end(), delivery.tranche) != names.end()) return;
  diagnostics.error(
      inspected->at,
      fmt::format("'inspected' names no tranche: {}{}", shown(delivery.tranche), did_you_mean(delivery.tranche, names)),
      {"nothing would be inspected", "write one of " + list_of(names)});
}

void sort_units(const std::vector<ReadTranche>& tranches, const std::vector<std::string>& skus, Delivery& delivery) {
  for (const ReadTranche& read : tranches) {
    if (!read.tranche.name.empty()) delivery.tranches.push_back(read.tranche);
    const bool here = read.tranche.name == delivery.tranche;
    for (const ListedUnit& listed : read.units) {
      std::vector<DeliveredUnit>& to = here ? delivery.units : delivery.elsewhere;
      to.push_back(listed.unit);
      if (to.back().sku.empty() && skus.size() == 1) to.back().sku = skus.front();
      if (here && listed.use_told) delivery.states_use = true;
    }
  }
}

void check_discover(const YamlNode& discover, const Key& beside, const DeliveryTerms& terms, Diagnostics& diagnostics) {
  if (!terms.demonstration) {
    diagnostics.error(discover.at, "'discover: true' in a contract that is no demonstration",
                      {"whatever is found would be accepted, and what is missing would not be missed",
                       "list the serials under `units:`, or say `demonstration: true`"});
  }
  if (beside.node != nullptr) {
    diagnostics.error(beside.node->at, fmt::format("both 'discover: true' and '{}'", beside.name),
                      {"a list is what found units are held against", "keep one of them"});
  }
  if (terms.skus.size() > 1) {
    diagnostics.error(discover.at, "'discover: true' in a contract of several skus",
                      {"nobody says which of them a found unit is", "list the units with `sku:`, or name one sku"});
  }
}

}  // namespace

Delivery read_delivery(const YamlNode& node, const DeliveryTerms& terms, const ReadList& read_list,
                       Diagnostics& diagnostics) {
  Delivery delivery;
  MapReader reader(node, "the delivery", diagnostics);
  const YamlNode* discover = reader.optional_node("discover");
  delivery.discover = reader.optional_flag("discover").value_or(false);
  const YamlNode* tranche_node = reader.optional_node("tranche");
  delivery.tranche = reader.optional_text("tranche").value_or("");
  const YamlNode* several = reader.optional_node("tranches");
  const YamlNode* inspected = reader.optional_node("inspected");
  const TrancheReader single(reader, node);
  reader.finish();
  if (!reader.is_map()) return delivery;
  if (delivery.discover) {
    check_discover(*discover, several != nullptr ? Key{"tranches", several} : single.first_key(), terms, diagnostics);
    return delivery;
  }
  DeliveryLists lists(read_list, diagnostics);
  std::vector<ReadTranche> tranches;
  if (several != nullptr) {
    const YamlNode* beside = tranche_node != nullptr ? tranche_node : single.first_key().node;
    if (beside != nullptr) {
      diagnostics.error(beside->at, "both 'tranches' and one list beside them",
                        {"a unit stands in one tranche", "move it into `tranches:`"});
    }
    tranches = read_tranches(*several, lists, diagnostics);
    choose_inspected(inspected, *several, tranches, delivery, diagnostics);
  } else {
    single.refuse_nothing("the delivery has no 'units'", diagnostics);
    const Mark at = tranche_node == nullptr ? node.at : tranche_node->at;
    tranches.push_back(single.read(delivery.tranche, at, lists, diagnostics));
    if (inspected != nullptr) {
      diagnostics.error(inspected->at, "'inspected' without 'tranches'",
                        {"there is one list, and it is inspected", "write `tranche: 1차` to name it"});
    }
  }
  lists.finish();
  check_identities(tranches, diagnostics);
  check_tranches(tranches, terms.date, diagnostics);
  check_skus(tranches, terms.skus, diagnostics);
  check_use(tranches, diagnostics);
  delivery.files = lists.files();
  sort_units(tranches, terms.skus, delivery);
  return delivery;
}

}  // namespace geomsu
