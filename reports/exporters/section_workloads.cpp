#include <algorithm>
#include <map>
#include <utility>

#include "harness/base/text.hpp"
#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

std::string clock_cell(const ClockAudit& clock) {
  std::string out = show(clock_message(clock.verdict));
  std::string detail = clock.reason;
  if (clock.rate_ppm) detail += (detail.empty() ? "" : "; ") + fmt::format("{:+.1f} ppm", *clock.rate_ppm);
  if (!detail.empty()) out += soft(bdi(detail));
  return out;
}

// The widest gap over the blocks between what the two clocks say.
std::string gap_cell(const Trial& trial) {
  const std::size_t blocks = std::min(trial.wall_ns.size(), trial.device_ns.size());
  if (blocks == 0) return "–";
  std::int64_t widest = trial.wall_ns[0] - trial.device_ns[0];
  for (std::size_t i = 1; i < blocks; ++i) widest = std::max(widest, trial.wall_ns[i] - trial.device_ns[i]);
  return safe(milliseconds(widest));
}

std::string checks_cell(const Trial& trial) {
  if (trial.checks.empty()) return "–";
  const auto passed =
      std::count_if(trial.checks.begin(), trial.checks.end(), [](const Check& check) { return check.passed; });
  return fmt::format("{} / {}", passed, trial.checks.size());
}

std::string status_cell(const Trial& trial) {
  std::string out = show(status_message(trial.status));
  if (!trial.reason.empty()) out += soft(bdi(trial.reason));
  return out;
}

// Where the page cannot hold all, trials that broke stand first, then those of the worst units.
std::vector<const Trial*> ordered(const Report& report) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : report.trials) trials.push_back(&trial);
  if (trials.size() <= kPageRows) return trials;
  std::map<Unit, std::size_t> rank;
  for (const UnitView& view : unit_views(report)) rank.emplace(view.unit, rank.size());
  const auto key = [&](const Trial* trial) {
    return std::pair(trial->status == TrialStatus::kOk, rank.at(trial->unit));
  };
  std::stable_sort(trials.begin(), trials.end(), [&](const Trial* a, const Trial* b) { return key(a) < key(b); });
  trials.resize(kPageRows);
  return trials;
}

std::string trial_cell(const Trial& trial) { return code(trial.id) + soft(bdi(trial.unit.name())); }

std::string work_cell(const Trial& trial) {
  return fmt::format("{} × {}", trial.block_ns.size(), trial.repeats) +
         soft(fmt::format("{}: {}", show(tr("trial.work")), work_figure(trial.work_per_repeat, trial.workload))) +
         soft(fmt::format("{}: {}", show(tr("trial.sets")), trial.operand_sets));
}

std::string energy_cell(const Trial& trial) {
  if (!trial.energy) return "–";
  if (!trial.energy->joules) return "–" + soft(bdi(trial.energy->why));
  return safe(energy_figure(trial)) +
         soft(show(trial.energy->source == "power" ? tr("trial.energy.power") : tr("trial.energy.counter")));
}

constexpr std::size_t kShownRanks = 16;  // report.json has all

// Of a group: the middle block of each rank, so that the slow one is seen beside the others.
std::string ranks_text(const Trial& trial) {
  if (trial.rank_ns.empty()) return {};
  std::string list;
  for (std::size_t rank = 0; rank < std::min(kShownRanks, trial.rank_ns.size()); ++rank) {
    std::vector<std::int64_t> ns = trial.rank_ns[rank];
    if (ns.empty()) continue;
    const auto middle = ns.begin() + static_cast<std::ptrdiff_t>(ns.size() / 2);
    std::nth_element(ns.begin(), middle, ns.end());
    list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", rank, safe(milliseconds(*middle)));
  }
  if (trial.rank_ns.size() > kShownRanks) list += ", …";
  return soft(fmt::format("{}: {}", show(tr("trial.ranks")), list));
}

std::string judged_cell(const Trial& trial) {
  return show(trial.judged_by_device ? tr("trial.judged.device") : tr("trial.judged.wall")) +
         soft(fmt::format("{}: {}", show(tr("trial.gap")), gap_cell(trial))) +
         soft(fmt::format("{}: {}", show(tr("trial.late")), trial.late_ns ? safe(milliseconds(*trial.late_ns)) : "–")) +
         ranks_text(trial);
}

std::string sustained_text(const Trial& trial) {
  if (!trial.sustained) return {};
  return soft(show(both(tr("soak.clause"), trial.sustained->sessions, seconds(trial.sustained->span_ns))));
}

std::string trial_table(const std::vector<const Trial*>& trials) {
  Table table(tr("trial.caption"),
              {{&tr("trial.id")},
               {&tr("trial.status")},
               {&tr("trial.workload")},
               {&tr("trial.repeats"), true},
               {&tr("trial.judged")},
               {&tr("trial.clock")},
               {&tr("trial.energy")},
               {&tr("trial.checks"), true}},
              true);
  for (const Trial* trial : trials) {
    table.row({trial_cell(*trial), status_cell(*trial),
               long_text(trial->workload) + sustained_text(*trial) + long_text(trial->algorithm), work_cell(*trial),
               judged_cell(*trial), clock_cell(trial->clock), energy_cell(*trial), checks_cell(*trial)});
  }
  return table.str();
}

std::string check_table(const std::vector<const Trial*>& trials) {
  Table table(tr("check.caption"),
              {{&tr("trial.id")},
               {&tr("check.name")},
               {&tr("check.compared"), true},
               {&tr("check.worst"), true},
               {&tr("check.result")},
               {&tr("check.detail")}},
              true);
  bool any = false;
  for (const Trial* trial : trials) {
    for (const Check& check : trial->checks) {
      any = true;
      table.row({trial_cell(*trial), safe(check.name), grouped(check.compared),
                 check.worst ? fmt::format("{:.3g}", *check.worst) : std::string("–"),
                 check.passed ? show(tr("check.passed")) : strong(show(tr("check.failed"))), bdi(check.detail)},
                check.passed ? "" : "fail");
    }
  }
  return any ? table.str() : element("p", show(tr("check.none")));
}

}  // namespace

std::string section_workloads(const Report& report) {
  if (report.trials.empty()) return element("p", show(tr("trial.none")));
  const std::vector<const Trial*> trials = ordered(report);
  std::string out;
  if (trials.size() < report.trials.size()) {
    out += element("p", show(both(tr("trial.capped"), trials.size(), report.trials.size())));
  }
  return out + trial_table(trials) + blocks_over_time(report) + check_table(trials);
}

}  // namespace geomsu::html
