#include "harness/evidence/trial_rows.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/codecs.hpp"

namespace geomsu {
namespace {

struct Planned {
  const PlannedTrial* trial = nullptr;
  std::string workload;
};

std::string shown(const Trial& trial) {
  return escape_terminal(fmt::format("trial {} of {}, attempt {}", trial.id, trial.unit.name(), trial.attempt));
}

}  // namespace

std::vector<Trial> parse_trial_rows(std::string_view text, const std::string& where, const Plan& plan, bool partial,
                                    std::uint64_t ticks_from) {
  std::map<std::string, Planned, std::less<>> planned;
  for (const PlannedTrial& trial : plan.trials) planned.emplace(trial.id, Planned{&trial, trial.workload.name()});

  std::vector<Trial> trials;
  std::set<std::tuple<std::string, Unit, std::uint32_t>> seen;
  std::uint64_t end = ticks_from;
  for_each_line(text, where, partial, [&](std::string_view line, std::uint64_t number) {
    Trial trial = parse_trial_at(line, fmt::format("{}:{}", where, number));
    const auto plan_of = planned.find(trial.id);
    if (plan_of == planned.end() || std::find(plan_of->second.trial->units.begin(), plan_of->second.trial->units.end(),
                                              trial.unit) == plan_of->second.trial->units.end()) {
      refuse_line(where, number, shown(trial) + " is not in the plan");
    }
    if (trial.workload != plan_of->second.workload) {
      refuse_line(where, number,
                  fmt::format("{} ran '{}', and the plan says '{}'", shown(trial), escape_terminal(trial.workload),
                              plan_of->second.workload));
    }
    if (trial.sustained != plan_of->second.trial->sustained) {
      const auto shown_as = [](const std::optional<Sustained>& sustained) {
        return sustained ? sustained->words() : std::string("in one stretch");
      };
      refuse_line(where, number,
                  fmt::format("{} is {}, and the plan says {}", shown(trial), shown_as(trial.sustained),
                              shown_as(plan_of->second.trial->sustained)));
    }
    if (!seen.emplace(trial.id, trial.unit, trial.attempt).second)
      refuse_line(where, number, shown(trial) + " is there twice");
    if (trial.ticks_bytes != 0 && trial.ticks_offset != end) {
      refuse_line(where, number,
                  fmt::format("{} has its ticks at byte {}, and those before end at {}", shown(trial),
                              trial.ticks_offset, end));
    }
    if (trial.ticks_bytes > size_limit("ticks.bin") - end)
      refuse_line(where, number, "its ticks have no believable size");
    end += trial.ticks_bytes;
    trials.push_back(std::move(trial));
  });
  return trials;
}

std::uint64_t ticks_end(const std::vector<Trial>& trials) {
  std::uint64_t end = 0;
  for (const Trial& trial : trials) end += trial.ticks_bytes;
  return end;
}

std::uint64_t tick_frames(const std::vector<Trial>& trials) {
  return static_cast<std::uint64_t>(
      std::count_if(trials.begin(), trials.end(), [](const Trial& trial) { return trial.ticks_bytes != 0; }));
}

}  // namespace geomsu
