#include "harness/judge/reconcile.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace geomsu {
namespace {

using Serials = std::set<std::string, std::less<>>;

std::vector<std::string> sorted(const Serials& serials) { return {serials.begin(), serials.end()}; }

}  // namespace

Reconciliation reconcile(const Plan& plan, const TrialTable& trials, std::span<const JudgedUnit> judged,
                         std::span<const ClauseRow* const> rows) {
  Serials contracted, found, tested, accepted, missing, uncontracted;
  for (const JudgedUnit& unit : judged) {
    contracted.insert(unit.unit.device);
    if (!unit.found) missing.insert(unit.unit.device);
  }
  for (const PlannedUnit& unit : plan.units) {
    if (!unit.found || unit.launched) continue;
    found.insert(unit.unit.device);
    if (!contracted.contains(unit.unit.device)) uncontracted.insert(unit.unit.device);
  }
  std::unordered_multimap<std::string_view, const PlannedTrial*> groups;
  for (const PlannedTrial& planned : plan.trials) {
    if (!planned.members.empty()) groups.emplace(planned.id, &planned);
  }
  for (const Trial* trial : trials.all()) {
    if (trial->status != TrialStatus::kOk) continue;
    if (!trial->unit.device.empty()) tested.insert(trial->unit.device);
    const auto [first, last] = groups.equal_range(trial->id);
    for (auto group = first; group != last; ++group) {  // its members, but for ranks, which are no units
      for (const Unit& member : group->second->members) {
        if (found.contains(member.device)) tested.insert(member.device);
      }
    }
  }
  std::map<std::string_view, std::vector<Outcome>> outcomes;
  for (const ClauseRow* row : rows) outcomes[row->unit.device].push_back(row->outcome);
  for (const auto& [serial, of_unit] : outcomes) {
    if (plan.simulated.empty() && !plan.adaptive_min_blocks && contracted.contains(serial) && exit_status(of_unit) == 0)
      accepted.emplace(serial);
  }
  return {sorted(contracted), sorted(found), sorted(tested), sorted(accepted), sorted(missing), sorted(uncontracted)};
}

}  // namespace geomsu
