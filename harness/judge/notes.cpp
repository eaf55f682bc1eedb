#include "harness/judge/notes.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/judge/block_order.hpp"
#include "harness/judge/trial_row.hpp"

namespace geomsu {
namespace {

std::string of(const Trial& trial) {
  std::string text = fmt::format("{} on {}", trial.id, trial.unit.name());
  if (trial.attempt != 1) text += fmt::format(", attempt {}", trial.attempt);
  return escape_terminal(text);
}

// The plan's trials by their ids.
class PlannedById {
 public:
  explicit PlannedById(const Plan& plan) {
    for (const PlannedTrial& planned : plan.trials) trials_[planned.id].push_back(&planned);
  }
  const PlannedTrial* of(const Trial& trial) const {
    const auto found = trials_.find(trial.id);
    if (found == trials_.end()) return nullptr;
    for (const PlannedTrial* planned : found->second) {
      if (std::find(planned->units.begin(), planned->units.end(), trial.unit) != planned->units.end()) return planned;
    }
    return nullptr;
  }

 private:
  std::unordered_map<std::string_view, std::vector<const PlannedTrial*>> trials_;
};

std::string later_words(const Reruns& reruns) {
  if (reruns.most == 0) return " supersedes nothing: the first attempt is judged";
  std::string of;
  for (const Outcome outcome : reruns.of) of += (of.empty() ? "" : " or ") + std::string(to_string(outcome));
  return fmt::format(" stands in only for one that was {}, {} time{} at most: each row says which attempt is judged",
                     of, reruns.most, reruns.most == 1 ? "" : "s");
}

void trial_findings(const Contract& contract, const PlannedById& plan, const TrialTable& trials,
                    std::vector<Finding>& findings) {
  for (const Trial* trial : trials.all()) {
    for (const Finding& finding : trial->findings) {
      findings.push_back({finding.code, of(*trial) + ": " + escape_terminal(finding.text)});
    }
    const PlannedTrial* planned = plan.of(*trial);
    if (planned == nullptr) {
      findings.push_back({"unplanned_trial", of(*trial) + " is not in the plan and was not judged"});
      continue;
    }
    if (trial->attempt > 1) findings.push_back({"later_attempt", of(*trial) + later_words(contract.reruns)});
    for (Finding& finding : block_findings(*planned, *trial))
      findings.push_back({std::move(finding.code), of(*trial) + ": " + finding.text});
    const auto brief = std::count_if(trial->block_ns.begin(), trial->block_ns.end(),
                                     [planned](std::int64_t ns) { return ns < planned->block_min_ns; });
    if (brief > 0) {
      findings.push_back(
          {"short_blocks", fmt::format("{}: {} of {} blocks are shorter than the planned {} ms", of(*trial), brief,
                                       trial->block_ns.size(), planned->block_min_ns / 1'000'000)});
    }
  }
}

// A unit that stands elsewhere than the delivery list says is judged, and said.
void place_findings(const Contract& contract, const Plan& plan, std::vector<Finding>& findings) {
  std::map<std::string, std::string> node_of;
  for (const PlannedUnit& unit : plan.units) {
    if (unit.found && !unit.launched) node_of.emplace(unit.unit.device, unit.unit.node);
  }
  for (const PlannedUnit& unit : plan.units) {
    const auto same = [&unit](const PlannedUnit& other) { return other.found && other.unit == unit.unit; };
    if (unit.found && &unit != &*std::find_if(plan.units.begin(), plan.units.end(), same)) {
      findings.push_back(
          {"duplicate_serial", escape_terminal(unit.unit.name()) + " is the name of more than one device"});
    }
  }
  std::vector<std::string> words;
  for (const DeliveredUnit& unit : contract.delivery.units) {
    const auto found = node_of.find(unit.serial);
    if (found == node_of.end() || unit.node.empty() || unit.node == found->second) continue;
    words.push_back(escape_terminal(
        fmt::format("{} was found in {} and the delivery list says {}", unit.serial, found->second, unit.node)));
  }
  std::sort(words.begin(), words.end());
  for (std::string& text : words) findings.push_back({"other_node", std::move(text)});
  words.clear();
  for (const DeliveredUnit& unit : contract.delivery.elsewhere) {
    if (!node_of.contains(unit.serial)) continue;
    words.push_back(
        escape_terminal(fmt::format("{} was found and belongs to the tranche {}; it is not due now and was "
                                    "not judged",
                                    unit.serial, unit.tranche)));
  }
  std::sort(words.begin(), words.end());
  for (std::string& text : words) findings.push_back({"other_tranche", std::move(text)});
}

// Trials whose device's clock is not believed, by the reason, in the order in which each reason is first met.
std::vector<std::pair<std::string, std::vector<std::string>>> judged_by_host(const TrialTable& trials) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const Trial* trial : trials.all()) {
    if (trial->status != TrialStatus::kOk || trial->judged_by_device) continue;
    const std::string reason = escape_terminal(trial->clock.reason);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& one) { return one.first == reason; });
    if (group == groups.end()) group = groups.insert(groups.end(), {reason, {}});
    group->second.push_back(of(*trial));
  }
  return groups;
}

// A group that leaves devices of its node out tells nothing of them.
void group_findings(const Plan& plan, std::vector<Finding>& findings) {
  for (const PlannedTrial& trial : plan.trials) {
    if (trial.members.empty()) continue;
    const bool cluster = trial.units == std::vector<Unit>{kClusterUnit};
    const auto there = std::count_if(plan.units.begin(), plan.units.end(), [&](const PlannedUnit& unit) {
      return unit.found && unit.launched == cluster &&
             (cluster || (unit.contracted && unit.unit.node == trial.units.front().node));
    });
    if (static_cast<std::size_t>(there) <= trial.members.size()) continue;
    findings.push_back({"part_of_the_node", fmt::format("{}: {} of {} devices of {} worked together; the others had "
                                                        "no part in it",
                                                        escape_terminal(trial.id), trial.members.size(), there,
                                                        escape_terminal(trial.units.front().name()))});
  }
}

std::string_view plural(std::uint64_t n) { return n == 1 ? "" : "s"; }

}  // namespace

namespace {

// A clause that demands the device for itself cannot be held to it where nobody tells what others use.
void company_unknown(const Clause& clause, const PlannedById& plan, const TrialTable& trials,
                     std::vector<Finding>& findings) {
  for (const Trial* trial : trials.all()) {
    const PlannedTrial* planned = plan.of(*trial);
    if (planned == nullptr || trial->status != TrialStatus::kOk) continue;
    if (std::find(planned->clauses.begin(), planned->clauses.end(), clause.id) == planned->clauses.end()) continue;
    if (trial->after && trial->after->foreign_load) continue;
    findings.push_back({"foreign_load_unknown",
                        fmt::format("{}: clause {} demands the device for itself, and the device does not tell what "
                                    "others use of it",
                                    of(*trial), escape_terminal(clause.id))});
  }
}

}  // namespace

std::vector<Finding> gather_findings(const Contract& contract, const Plan& plan, const TrialTable& trials,
                                     const Reconciliation& serials) {
  std::vector<Finding> findings;
  for (const std::string& serial : serials.missing) {
    findings.push_back({"missing_unit", escape_terminal(serial) + " is on the delivery list and was not found"});
  }
  std::set<std::string> elsewhere;
  for (const DeliveredUnit& unit : contract.delivery.elsewhere) elsewhere.insert(unit.serial);
  for (const std::string& serial : serials.uncontracted) {
    if (elsewhere.contains(serial)) continue;  // place_findings says so
    findings.push_back({"uncontracted_unit",
                        escape_terminal(serial) + " was found and is not on the delivery list; it was not judged"});
  }
  place_findings(contract, plan, findings);
  const PlannedById by_id(plan);
  for (const Clause& clause : contract.clauses) {
    if (clause.exclusive) company_unknown(clause, by_id, trials, findings);
  }
  trial_findings(contract, by_id, trials, findings);
  group_findings(plan, findings);
  return findings;
}

std::optional<Finding> more_devices_on_pci(const Environment& environment) {
  const auto fact = environment.facts.find("pci.accelerators");
  if (fact == environment.facts.end()) return std::nullopt;
  std::uint64_t on_pci = 0;
  const std::string& digits = fact->second;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), on_pci);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  std::set<std::string> answered;  // parts of one device count once
  for (const DeviceInfo& device : environment.devices) {
    const auto kind = device.attributes.find("kind");
    if (kind == device.attributes.end() || kind->second != "host")
      answered.insert(device.pci_address.value_or(device.backend + " " + device.unit_id()));
  }
  if (on_pci <= answered.size()) return std::nullopt;
  return Finding{"more_devices_on_pci",
                 fmt::format("{}: {} accelerators stand on the PCI bus, and the plug-ins answered for {}",
                             escape_terminal(environment.node), on_pci, answered.size())};
}

std::vector<Finding> one_part_twice(const Environment& environment) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < environment.devices.size(); ++i) {
    const DeviceInfo& device = environment.devices[i];
    for (std::size_t j = 0; j < i; ++j) {
      const DeviceInfo& other = environment.devices[j];
      if (device.backend != other.backend || device.uuid != other.uuid || device.partition != other.partition) continue;
      findings.push_back({"one_part_twice",
                          escape_terminal(fmt::format("{} and {} have one uuid, {}: they are one part, and the second "
                                                      "counts as not found",
                                                      other.unit_id(), device.unit_id(), device.uuid))});
      break;
    }
  }
  return findings;
}

std::vector<std::string> gather_notes(const Contract& contract, const Plan& plan, const TrialTable& trials) {
  std::vector<std::string> notes;
  if (!plan.simulated.empty()) {
    notes.push_back(fmt::format(
        "SIMULATED ({}): no device was measured; the verdict is INVALID whatever the clauses say", plan.simulated));
  }
  if (contract.demonstration) {
    notes.push_back("DEMONSTRATION: the contract says of itself that it is one; it accepts nothing");
  }
  if (plan.adaptive_min_blocks) {
    const PlannedById by_id(plan);
    const auto early = std::count_if(trials.all().begin(), trials.all().end(), [&by_id](const Trial* trial) {
      const PlannedTrial* planned = by_id.of(*trial);
      return planned != nullptr && trial->status == TrialStatus::kOk && trial->block_ns.size() < planned->blocks;
    });
    notes.push_back(fmt::format(
        "adaptive stopping: not an acceptance. {} of {} trials ended before their planned blocks, once their "
        "answer looked clear (from {} blocks on); the confidence that the clauses name is not held",
        early, trials.all().size(), *plan.adaptive_min_blocks));
  }
  if (contract.delivery.discover) {
    notes.push_back("the units are those that were found, and not those of a delivery list");
  }
  std::uint32_t sittings = 1;
  for (const Trial* trial : trials.all()) sittings = std::max(sittings, trial->sitting);
  if (sittings > 1) {
    notes.push_back(
        fmt::format("the run was ended and gone on with: {} sittings; a trial that was cut off was measured "
                    "anew, and its earlier blocks are not in the evidence",
                    sittings));
  }
  if (!plan.suite_instead.empty()) {
    notes.push_back(fmt::format("DEVIATION: the suite {} was used instead of the contract's {}",
                                escape_terminal(plan.suite_instead), escape_terminal(contract.suite)));
  }
  for (const auto& [reason, who] : judged_by_host(trials)) {
    notes.push_back(fmt::format(
        "{} {} judged by the host's clock{}{}", who.front(),
        who.size() == 1 ? "is"
                        : fmt::format("and {} more {} are", who.size() - 1, who.size() == 2 ? "trial" : "trials"),
        reason.empty() ? "" : ": ", reason));
  }
  if (std::any_of(plan.trials.begin(), plan.trials.end(),
                  [](const PlannedTrial& trial) { return trial.units == std::vector<Unit>{kClusterUnit}; })) {
    notes.push_back(
        "the ranks of the cluster are named by their own word: they were not held against the delivery list");
  }
  return notes;
}

std::optional<std::string> false_fails_note(const FalseFails& expected) {
  if (expected.rows == 0) return std::nullopt;
  return fmt::format(
      "were every true value just at its bar, {:.2f} false FAILs would be expected in {} judged row{} "
      "by their bounds alone; Holm over each unit's clauses at {:g} % leaves at most {:.2f} of {} "
      "unit{} with any (what a contract rejects as undecided is not counted)",
      expected.raw, expected.rows, plural(expected.rows), kHolmAlpha * 100, expected.units_hit, expected.units,
      plural(expected.units));
}

std::string sentence(const Verdict& verdict) {
  std::map<Outcome, std::uint32_t> counts;
  for (const ClauseSummary& clause : verdict.clauses) ++counts[clause.outcome];
  std::string tally;
  for (const Outcome outcome : {Outcome::kPass, Outcome::kFail, Outcome::kInvalid, Outcome::kNotRun,
                                Outcome::kInconclusive, Outcome::kNotApplicable}) {
    if (counts[outcome] == 0) continue;
    tally += fmt::format("{}{} {}", tally.empty() ? "" : ", ", counts[outcome], to_string(outcome));
  }
  std::string text = fmt::format("{}: {} clause{} ({})", to_string(verdict.overall), verdict.clauses.size(),
                                 plural(verdict.clauses.size()), tally.empty() ? "none" : tally);
  const Reconciliation& serials = verdict.reconciliation;
  text += fmt::format("; units: {} contracted, {} found, {} tested, {} accepted", serials.contracted.size(),
                      serials.found.size(), serials.tested.size(), serials.accepted.size());
  if (!verdict.simulated.empty()) {
    text += fmt::format("; simulated evidence ({}) proves nothing of a device (its clauses: {})", verdict.simulated,
                        to_string(verdict.clauses_overall));
  }
  if (verdict.adaptive) text += "; adaptive stopping: not an acceptance";
  if (verdict.demonstration) text += "; DEMONSTRATION, not an acceptance";
  return text + ".";
}

}  // namespace geomsu
