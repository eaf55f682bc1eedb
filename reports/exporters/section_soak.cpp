#include <algorithm>

#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

constexpr std::size_t kTrialsShown = 20, kSlices = 12;

bool has_times(const Trial& trial) {
  const std::size_t n = trial.block_ns.size();
  return n > 0 && trial.block_at_ns.size() == n && trial.block_session.size() == n;
}

bool throttled(const Trial& trial) {
  return std::any_of(trial.block_throttle.begin(), trial.block_throttle.end(),
                     [](std::int64_t bits) { return bits != 0; });
}

// Median of the work in a second over some blocks, and the lowest: as printed, in the workload's own unit.
std::string rate(const Trial& trial, std::int64_t ns) {
  const double work = static_cast<double>(trial.work_per_repeat) * static_cast<double>(trial.repeats);
  const double each_second = work / (static_cast<double>(ns) * 1e-9);
  return work_figure(static_cast<std::uint64_t>(each_second), trial.workload) + "/s";
}

// Blocks from `first` to before `last`, all of one session.
void slice(Table& table, const Trial& trial, std::size_t first, std::size_t last) {
  std::vector<std::int64_t> spans(trial.block_ns.begin() + static_cast<std::ptrdiff_t>(first),
                                  trial.block_ns.begin() + static_cast<std::ptrdiff_t>(last));
  std::sort(spans.begin(), spans.end());
  std::size_t marked = 0;
  for (std::size_t i = first; i < last && i < trial.block_throttle.size(); ++i) marked += trial.block_throttle[i] != 0;
  const std::string marks =
      trial.block_throttle.empty() ? std::string("–") : fmt::format("{} / {}", marked, last - first);
  table.row({code(trial.id) + soft(bdi(trial.unit.name())), fmt::format("{}", trial.block_session[first]),
             fmt::format("{} – {}", seconds(trial.block_at_ns[first]), seconds(trial.block_at_ns[last - 1])),
             fmt::format("{}", last - first), safe(rate(trial, spans[spans.size() / 2])),
             safe(rate(trial, spans.back())), marked > 0 ? strong(marks) : marks},
            marked > 0 ? "fail" : "");
}

void rows(Table& table, const Trial& trial) {
  const std::size_t n = trial.block_ns.size();
  const std::size_t step = std::max<std::size_t>(1, (n + kSlices - 1) / kSlices);
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first + 1;
    while (last < n && last - first < step && trial.block_session[last] == trial.block_session[first]) ++last;
    slice(table, trial, first, last);
    first = last;
  }
}

}  // namespace

std::string blocks_over_time(const Report& report) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : report.trials) {
    if (has_times(trial) && (trial.sustained || throttled(trial))) trials.push_back(&trial);
  }
  if (trials.empty()) return {};
  Table table(tr("soak.caption"),
              {{&tr("trial.id")},
               {&tr("soak.session"), true},
               {&tr("soak.time")},
               {&tr("soak.blocks"), true},
               {&tr("soak.middle"), true},
               {&tr("soak.lowest"), true},
               {&tr("soak.marks"), true}},
              true);
  for (std::size_t i = 0; i < trials.size() && i < kTrialsShown; ++i) rows(table, *trials[i]);
  std::string out = element("h3", show(tr("soak.title")));
  if (trials.size() > kTrialsShown) out += element("p", show(both(tr("soak.capped"), kTrialsShown, trials.size())));
  return out + table.str();
}

}  // namespace geomsu::html
