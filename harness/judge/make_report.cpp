#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "harness/judge/judge.hpp"

namespace geomsu {
namespace {

std::int64_t sum(const std::vector<std::int64_t>& values) {
  std::int64_t total = 0;
  for (const std::int64_t value : values) total += value;
  return total;
}

// "2026-11-22T00:35:57.123Z", as utc_text prints it; nothing where it is not.
std::optional<std::int64_t> utc_ns_of(std::string_view text) {
  if (text.size() != 24) return std::nullopt;
  const auto part = [text](std::size_t from, std::size_t size) {
    int value = -1;
    const char* end = text.data() + from + size;
    return std::from_chars(text.data() + from, end, value).ptr == end ? value : -1;
  };
  const int year = part(0, 4), month = part(5, 2), day = part(8, 2), hour = part(11, 2), minute = part(14, 2),
            second = part(17, 2), milli = part(20, 3);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour < 0 || minute < 0 || second < 0 || milli < 0) return std::nullopt;
  const std::chrono::nanoseconds since = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                                         std::chrono::minutes(minute) + std::chrono::seconds(second) +
                                         std::chrono::milliseconds(milli);
  return since.count();
}

// Units of one trial run side by side: the longest of them is what the run waited for.
struct Cost {
  std::int64_t timed = 0, verify = 0;
};

// The whole run, from the plan's making to the last trial's end. The soak is no more than what was planned, and no more
// than what lies before the first trial. A run that was interrupted has its pause in `other`.
Overhead overhead_of(const Evidence& evidence) {
  std::map<std::tuple<std::string, std::uint32_t>, Cost> costs;
  std::optional<std::int64_t> first, last;
  for (const Trial& trial : evidence.trials) {
    Cost& cost = costs[{trial.id, trial.attempt}];
    cost.timed = std::max(cost.timed, sum(trial.wall_ns));
    cost.verify = std::max(cost.verify, trial.verify_ns);
    first = std::min(first.value_or(trial.started_utc_ns), trial.started_utc_ns);
    last = std::max(last.value_or(trial.ended_utc_ns), trial.ended_utc_ns);
  }
  Overhead overhead;
  if (!first) return overhead;
  for (const auto& [trial, cost] : costs) {
    overhead.timed += cost.timed;
    overhead.verify += cost.verify;
  }
  const std::int64_t begun = utc_ns_of(evidence.started).value_or(*first);
  overhead.soak = std::clamp<std::int64_t>(*first - begun, 0, std::max<std::int64_t>(0, evidence.plan.soak_ns));
  overhead.wall = std::max<std::int64_t>(0, *last - begun);
  overhead.other = std::max<std::int64_t>(0, overhead.wall - overhead.timed - overhead.verify - overhead.soak);
  return overhead;
}

}  // namespace

Report make_report(const Evidence& evidence, const Verdict& verdict) {
  Report report;
  report.verdict = verdict;
  report.verdict.signed_evidence = false;  // a signature that nobody here verified is none
  report.verdict.notes.push_back("evidence is " + evidence.signature);
  report.plan = evidence.plan;
  report.environment = evidence.environment;
  report.trials = evidence.trials;
  report.bundle_path = evidence.path.string();
  report.started = evidence.started;
  report.ended = evidence.ended;
  report.signature = evidence.signature;
  report.custody = "supplier-run";
  report.overhead = overhead_of(evidence);
  return report;
}

}  // namespace geomsu
