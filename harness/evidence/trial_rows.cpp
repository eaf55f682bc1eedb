#include "harness/evidence/trial_rows.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_set>

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

// As new, but for the memory that its longest members have.
void renew(Trial& trial) {
  std::vector<std::int64_t> block_ns = std::move(trial.block_ns), wall_ns = std::move(trial.wall_ns),
                            device_ns = std::move(trial.device_ns);
  std::string workload = std::move(trial.workload);
  trial = Trial();
  block_ns.clear();
  wall_ns.clear();
  device_ns.clear();
  workload.clear();
  trial.block_ns = std::move(block_ns);
  trial.wall_ns = std::move(wall_ns);
  trial.device_ns = std::move(device_ns);
  trial.workload = std::move(workload);
}

// Rows against the plan and each other. Rows come mostly in the plan's order, so that the last one's place is tried
// first.
class RowCheck {
 public:
  RowCheck(const Plan& plan, const std::string& where, std::uint64_t ticks_from) : where_(where), end_(ticks_from) {
    for (const PlannedTrial& trial : plan.trials) planned_.emplace(trial.id, Planned{&trial, trial.workload.name()});
    last_ = planned_.end();
  }

  void check(const Trial& trial, std::uint64_t number) {
    const auto refuse = [&](std::string_view words) { refuse_line(where_, number, shown(trial) + std::string(words)); };
    if (last_ == planned_.end() || last_->first != trial.id) last_ = planned_.find(trial.id);
    if (last_ == planned_.end() || !of(*last_->second.trial, trial.unit)) refuse(" is not in the plan");
    const Planned& planned = last_->second;
    if (trial.workload != planned.workload)
      refuse(fmt::format(" ran '{}', and the plan says '{}'", escape_terminal(trial.workload), planned.workload));
    if (trial.sustained != planned.trial->sustained) {
      const auto shown_as = [](const std::optional<Sustained>& sustained) {
        return sustained ? sustained->words() : std::string("in one stretch");
      };
      refuse(
          fmt::format(" is {}, and the plan says {}", shown_as(trial.sustained), shown_as(planned.trial->sustained)));
    }
    const Unit& unit = planned.trial->units[place_];
    if (!seen_.emplace(planned.trial, unit.node, unit.device, trial.attempt).second) refuse(" is there twice");
    if (trial.ticks_bytes != 0 && trial.ticks_offset != end_)
      refuse(fmt::format(" has its ticks at byte {}, and those before end at {}", trial.ticks_offset, end_));
    if (trial.ticks_bytes > size_limit("ticks.bin") - end_)
      refuse_line(where_, number, "its ticks have no believable size");
    end_ += trial.ticks_bytes;
  }

 private:
  using Index = std::map<std::string, Planned, std::less<>>;
  using Key = std::tuple<const PlannedTrial*, std::string_view, std::string_view, std::uint32_t>;  // of the plan's unit
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      const auto& [trial, node, device, attempt] = key;
      const std::hash<std::string_view> text;
      return ((std::hash<const void*>()(trial) * 31 + text(node)) * 31 + text(device)) * 31 + attempt;
    }
  };

  bool of(const PlannedTrial& planned, const Unit& unit) {
    if (++place_ < planned.units.size() && planned.units[place_] == unit) return true;
    place_ =
        static_cast<std::size_t>(std::find(planned.units.begin(), planned.units.end(), unit) - planned.units.begin());
    return place_ < planned.units.size();
  }

  const std::string& where_;
  std::uint64_t end_;
  Index planned_;
  Index::const_iterator last_;
  std::size_t place_ = 0;  // of the last row's unit in its trial
  std::unordered_set<Key, KeyHash> seen_;
};

}  // namespace

std::vector<Trial> parse_trial_rows(std::string_view text, const std::string& where, const Plan& plan, bool partial,
                                    std::uint64_t ticks_from) {
  std::vector<Trial> trials;
  parse_trial_rows(text, where, plan, partial, ticks_from, nullptr, trials);
  return trials;
}

void parse_trial_rows(std::string_view text, const std::string& where, const Plan& plan, bool partial,
                      std::uint64_t ticks_from, TrialLineReader* quick, std::vector<Trial>& trials) {
  RowCheck rows(plan, where, ticks_from);
  std::size_t count = 0;
  for_each_line(text, where, partial, [&](std::string_view line, std::uint64_t number) {
    if (count == trials.size()) trials.emplace_back();
    Trial& trial = trials[count];
    renew(trial);
    if (quick == nullptr || !quick->read(line, trial))
      trial = parse_trial_at(line, fmt::format("{}:{}", where, number));
    rows.check(trial, number);
    ++count;
  });
  trials.resize(count);
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
