#include "harness/judge/together.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu {
namespace {

struct NodeWindow {
  const Window* window = nullptr;
  bool synchronised = false;
};

std::map<std::string, NodeWindow> windows_of(std::uint32_t clause, std::span<const BundleJudgement> bundles) {
  std::map<std::string, NodeWindow> nodes;
  for (const BundleJudgement& bundle : bundles) {
    for (const Window& window : bundle.windows) {
      if (window.clause == clause) nodes[bundle.node] = {&window, bundle.utc_synchronised};
    }
  }
  return nodes;
}

// Of every node that has units of the lot, where it stands: the rack's name, or one hall for all. A node of whose units
// one names no rack, or another one, has none.
std::map<std::string, std::string> places_of(const Contract& contract, const Clause& clause) {
  std::map<std::string, std::string> places;
  for (const DeliveredUnit& unit : contract.delivery.units) {
    if (!clause.sku.empty() && unit.sku != clause.sku) continue;
    const std::string place = clause.workload.concurrency == Concurrency::kHall ? "the hall" : unit.rack;
    const auto [known, added] = places.emplace(unit.node, place);
    if (!added && known->second != place) known->second.clear();
  }
  return places;
}

// Why the nodes were not measured together; empty where they were.
std::string apart(const std::set<std::string>& nodes, const std::map<std::string, NodeWindow>& windows) {
  std::optional<Window> common;
  std::int64_t longest = 0;
  for (const std::string& node : nodes) {
    const auto found = windows.find(node);
    if (found == windows.end()) return fmt::format("there is no measurement of {} beside it", node);
    if (nodes.size() > 1 && !found->second.synchronised)
      return fmt::format("the clock of {} was not synchronised, so that nobody can say when it was", node);
    const Window& own = *found->second.window;
    longest = std::max(longest, own.to_ns - own.from_ns);
    if (!common) common = own;
    common->from_ns = std::max(common->from_ns, own.from_ns);
    common->to_ns = std::min(common->to_ns, own.to_ns);
  }
  if (!common || longest <= 0) return "nobody knows when it was measured";
  const double share = static_cast<double>(common->to_ns - common->from_ns) / static_cast<double>(longest);
  if (share >= kTogetherShare) return {};
  return fmt::format("the {} nodes were busy together for {:.0f} % of the time, and {:.0f} % are wanted", nodes.size(),
                     100 * std::max(0.0, share), 100 * kTogetherShare);
}

void doubts_of(const Contract& contract, std::uint32_t clause, std::span<const BundleJudgement> bundles,
               std::vector<Doubt>& doubts) {
  const std::map<std::string, NodeWindow> windows = windows_of(clause, bundles);
  const auto places = places_of(contract, contract.clauses[clause]);
  std::map<std::string, std::set<std::string>> together;
  for (const auto& [node, place] : places) together[place].insert(node);
  for (const auto& [node, window] : windows) {
    const auto place = places.find(node);
    const bool known = place != places.end() && !place->second.empty() && !node.empty();
    const std::string why = known ? apart(together[place->second], windows)
                                  : std::string("the delivery list does not say what stands in its rack or hall");
    if (why.empty()) continue;
    doubts.push_back({clause, Unit{node, ""}, Outcome::kInvalid, Reason::kNotTogether,
                      escape_terminal(fmt::format("the workload wants the whole {} busy at once: {}",
                                                  to_string(contract.clauses[clause].workload.concurrency), why))});
  }
}

}  // namespace

bool wants_company(const Clause& clause) {
  return clause.workload.concurrency == Concurrency::kRack || clause.workload.concurrency == Concurrency::kHall;
}

Window window_of(std::uint32_t place, const Trial& trial) {
  return {place, trial.started_utc_ns + trial.warmup_ns, trial.ended_utc_ns - trial.verify_ns};
}

std::vector<Doubt> together_doubts(const Contract& contract, std::span<const BundleJudgement> bundles) {
  std::vector<Doubt> doubts;
  for (std::uint32_t place = 0; place < contract.clauses.size(); ++place) {
    if (wants_company(contract.clauses[place])) doubts_of(contract, place, bundles, doubts);
  }
  return doubts;
}

}  // namespace geomsu
