#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/contract/difference.hpp"

namespace geomsu {
namespace {

using Side = ContractChange::Side;
constexpr std::size_t kShown = 10;

using Units = std::map<std::string, DeliveredUnit>;

Units units_of(const Delivery& delivery) {
  Units units;
  for (const auto* list : {&delivery.units, &delivery.elsewhere}) {
    for (const DeliveredUnit& unit : *list) units.emplace(unit.serial, unit);
  }
  return units;
}

// "3 units: S1, S2, S3"; the first ten of more.
std::string listed(const std::vector<std::string>& serials) {
  const std::vector<std::string> some(serials.begin(),
                                      serials.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, serials.size())));
  return fmt::format("{} unit{}: {}{}", serials.size(), serials.size() == 1 ? "" : "s", fmt::join(some, ", "),
                     serials.size() > kShown ? " ..." : "");
}

void say(Side side, std::string_view what, const std::vector<std::string>& serials, ChangeList& changes) {
  if (!serials.empty()) changes.add(side, fmt::format("the delivery: {} {}", what, listed(serials)));
}

void compare_units(const Units& before, const Units& after, ChangeList& changes) {
  std::vector<std::string> removed, added, tranche, place, sku, use;
  for (const auto& [serial, unit] : before) {
    const auto found = after.find(serial);
    if (found == after.end()) {
      removed.push_back(serial);
      continue;
    }
    const DeliveredUnit& now = found->second;
    if (now.tranche != unit.tranche) tranche.push_back(serial);
    if (now.node != unit.node || now.rack != unit.rack || now.uuid != unit.uuid) place.push_back(serial);
    if (now.sku != unit.sku) sku.push_back(serial);
    if (now.state_use != unit.state_use) use.push_back(serial);
  }
  for (const auto& [serial, unit] : after) {
    if (!before.contains(serial)) added.push_back(serial);
  }
  say(Side::kWorse, "removed", removed, changes);
  say(Side::kBetter, "added", added, changes);
  say(Side::kOpen, "in another tranche,", tranche, changes);
  say(Side::kOpen, "of another sku,", sku, changes);
  say(Side::kOpen, "used by another,", use, changes);
  say(Side::kOpen, "with another node, rack or uuid,", place, changes);
}

void compare_tranches(const Delivery& before, const Delivery& after, ChangeList& changes) {
  std::map<std::string, std::string> was, is;
  for (const Tranche& tranche : before.tranches) was[tranche.name] = tranche.due;
  for (const Tranche& tranche : after.tranches) is[tranche.name] = tranche.due;
  for (const auto& [name, due] : was) {
    const auto found = is.find(name);
    if (found == is.end()) {
      changes.add(Side::kOpen, fmt::format("the delivery: the tranche {} is removed", name));
    } else {
      const bool later = found->second.empty() || (!due.empty() && found->second > due);
      changes.compare(fmt::format("the day that the tranche {} is due", name), due, found->second,
                      later ? Side::kWorse : Side::kBetter);
    }
  }
  for (const auto& [name, due] : is) {
    if (!was.contains(name))
      changes.add(Side::kOpen,
                  fmt::format("the delivery: the tranche {} is new{}", name, due.empty() ? "" : ", due " + due));
  }
}

}  // namespace

void compare_deliveries(const Delivery& before, const Delivery& after, ChangeList& changes) {
  if (before.discover != after.discover) {
    changes.add(after.discover ? Side::kWorse : Side::kBetter,
                after.discover ? "the delivery: whatever is found is taken, and nothing is missed any more"
                               : "the delivery: what is missing is missed now, for the units are listed");
  }
  changes.compare("the delivery: the tranche that is inspected", before.tranche, after.tranche);
  compare_tranches(before, after, changes);
  compare_units(units_of(before), units_of(after), changes);
}

}  // namespace geomsu
