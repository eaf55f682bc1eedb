#include "harness/contract/tranche.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/contract/calendar.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kMaxErrors = 50;

void error_at(const ListedUnit& unit, std::string what, Advice advice, Diagnostics& diagnostics) {
  Diagnostics own(unit.file);
  own.error(unit.at, std::move(what), std::move(advice));
  diagnostics.append(own);
}

std::string tranche_text(const ListedUnit& unit) {
  return fmt::format("{} ({})", shown(unit.unit.tranche), place_text(unit));
}

void refuse_twice(std::string_view kind, const std::string& name, const ListedUnit& first, const ListedUnit& second,
                  Diagnostics& diagnostics) {
  if (first.unit.tranche != second.unit.tranche) {
    error_at(second,
             fmt::format("the {} {} stands in two tranches: {} and {}", kind, shown(name), tranche_text(first),
                         tranche_text(second)),
             {"a part is delivered once; paid twice, another would be missing unseen",
              "leave it in the tranche that it came with"},
             diagnostics);
    return;
  }
  const std::string place = first.file == second.file ? fmt::format("in line {}", first.at.line) : place_text(first);
  const bool same = first.unit == second.unit && first.use_told == second.use_told;
  error_at(
      second,
      fmt::format("the {} {} stands twice{}", kind, shown(name), same && kind == "serial" ? ", in two equal rows" : ""),
      {fmt::format("it already stands {}; counted twice, one unit would be missing unseen", place),
       "correct one of them"},
      diagnostics);
}

}  // namespace

void check_identities(const std::vector<ReadTranche>& tranches, Diagnostics& diagnostics) {
  // Serials and uuids are one namespace: a device is found by either.
  std::unordered_map<std::string_view, const ListedUnit*> seen;
  Diagnostics all(diagnostics.file());
  for (const ReadTranche& tranche : tranches) {
    for (const ListedUnit& listed : tranche.units) {
      const DeliveredUnit& unit = listed.unit;
      const auto [first, fresh] = seen.emplace(unit.serial, &listed);
      if (!fresh) {
        refuse_twice(unit.serial == unit.uuid ? "uuid" : "serial", unit.serial, *first->second, listed, all);
        continue;
      }
      if (unit.uuid.empty() || unit.uuid == unit.serial) continue;
      const auto [other, unused] = seen.emplace(unit.uuid, &listed);
      if (!unused) refuse_twice("uuid", unit.uuid, *other->second, listed, all);
    }
  }
  diagnostics.append_clipped(all, kMaxErrors);
}

void check_tranches(const std::vector<ReadTranche>& tranches, const std::string& contract_date,
                    Diagnostics& diagnostics) {
  std::unordered_map<std::string, int> names;
  const std::optional<long> signed_on = parse_date(contract_date);
  const ReadTranche* before = nullptr;
  for (const ReadTranche& read : tranches) {
    const auto [first, fresh] = names.emplace(read.tranche.name, read.at.line);
    if (!fresh) {
      diagnostics.error(read.at, fmt::format("two tranches are called {}", shown(read.tranche.name)),
                        {fmt::format("the first stands in line {}, and 'inspected' names one of them", first->second),
                         "give one of them another name"});
    }
    const std::optional<long> due = parse_date(read.tranche.due);
    if (!due) continue;
    if (signed_on && *due < *signed_on) {
      diagnostics.warning(read.due_at,
                          fmt::format("{} is due {}, before the contract's date {}", shown(read.tranche.name),
                                      read.tranche.due, contract_date),
                          {"it would be late before it was agreed", "compare both dates with the signed contract"});
    }
    if (before != nullptr && read.tranche.due < before->tranche.due) {
      diagnostics.warning(read.due_at,
                          fmt::format("{} is due {}, before {} ({})", shown(read.tranche.name), read.tranche.due,
                                      shown(before->tranche.name), before->tranche.due),
                          {"tranches stand in order of delivery", "put them in order, or correct a date"});
    }
    before = &read;
  }
}

void check_skus(const std::vector<ReadTranche>& tranches, const std::vector<std::string>& skus,
                Diagnostics& diagnostics) {
  Diagnostics all(diagnostics.file());
  const ListedUnit* without = nullptr;
  std::size_t silent = 0;
  for (const ReadTranche& tranche : tranches) {
    for (const ListedUnit& listed : tranche.units) {
      const std::string& sku = listed.unit.sku;
      if (sku.empty()) {
        if (silent++ == 0) without = &listed;
        continue;
      }
      if (std::find(skus.begin(), skus.end(), sku) != skus.end()) continue;
      error_at(listed,
               fmt::format("the unit {} is of sku {}, which the contract does not name{}", shown(listed.unit.serial),
                           shown(sku), did_you_mean(sku, skus)),
               {"no clause and no datasheet is for it",
                skus.empty() ? "name the contract's parts: `skus: [...]`" : "write " + list_of(skus)},
               all);
    }
  }
  if (without != nullptr && skus.size() > 1) {
    error_at(*without,
             fmt::format("the unit {} has no sku{}", shown(without->unit.serial),
                         silent > 1 ? fmt::format(", and {} more have none", silent - 1) : ""),
             {"the contract names several, and a unit is held against the bars of its own",
              "write `sku:` for each unit: " + list_of(skus)},
             all);
  }
  diagnostics.append_clipped(all, kMaxErrors);
}

void check_use(const std::vector<ReadTranche>& tranches, Diagnostics& diagnostics) {
  for (const ReadTranche& tranche : tranches) {
    const auto told = [](const ListedUnit& unit) { return unit.use_told; };
    const auto silent = std::find_if_not(tranche.units.begin(), tranche.units.end(), told);
    if (silent == tranche.units.end() || std::none_of(tranche.units.begin(), tranche.units.end(), told)) continue;
    error_at(*silent, fmt::format("the unit {} does not say who uses it", shown(silent->unit.serial)),
             {"others of its tranche do, and one that says nothing would be counted or left out by accident",
              "write `use: state` (국가 활용) or `use: own` for each unit, or for none"},
             diagnostics);
  }
}

}  // namespace geomsu
