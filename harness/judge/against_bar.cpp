#include "harness/judge/against_bar.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/contract/side.hpp"
#include "harness/stats/tail.hpp"

namespace geomsu {

std::string bar_words(const Clause& clause) {
  if (clause.between()) {
    return fmt::format("between {} and {} {}", format_in(*clause.low_bar(), clause.bar_unit),
                       format_in(*clause.high_bar(), clause.bar_unit), clause.bar_unit);
  }
  return fmt::format("{} {} {}", clause.at_least ? "at least" : "at most", format_in(clause.bar(), clause.bar_unit),
                     clause.bar_unit);
}

Outcome undecided_outcome(const Clause& clause) {
  return clause.if_inconclusive == IfInconclusive::kReject ? Outcome::kFail : Outcome::kInconclusive;
}

std::string_view undecided_words(const Clause& clause) {
  switch (clause.if_inconclusive) {
    case IfInconclusive::kReject:
      return "the contract rejects what is undecided";
    case IfInconclusive::kConditional:
      return "the contract foresees conditional acceptance";
    case IfInconclusive::kReinspect:
      return "inspect again";
  }
  return "inspect again";
}

void judge_bounds(const Clause& clause, double lower, double upper, ClauseRow& row, std::string_view more) {
  const std::string bounds = fmt::format("bounds {} to {} {}", format_in(lower, clause.bar_unit),
                                         format_in(upper, clause.bar_unit), clause.bar_unit);
  switch (side_of(clause, lower, upper)) {
    case Side::kMeets:
      row.outcome = Outcome::kPass;
      row.reason = Reason::kNone;
      row.words = fmt::format("{}; {} was contracted", bounds, bar_words(clause));
      return;
    case Side::kBeyond: {
      const bool below = clause.low_bar() && upper < *clause.low_bar();
      row.outcome = Outcome::kFail;
      row.reason = Reason::kTooSlow;
      row.words = fmt::format("{} lie wholly {} the bar; {} was contracted", bounds, below ? "below" : "above",
                              bar_words(clause));
      return;
    }
    case Side::kUndecided:
      row.outcome = undecided_outcome(clause);
      row.reason = Reason::kUndecided;
      row.words = fmt::format("{} straddle the bar; {} was contracted{}{}; {}", bounds, bar_words(clause),
                              more.empty() ? "" : "; ", more, undecided_words(clause));
      return;
  }
}

double fail_probability(const Clause& clause, stats::Statistic statistic, std::span<const double> values,
                        std::uint32_t looks) {
  double p = 1;
  if (const auto low = clause.low_bar()) p = stats::fail_probability(statistic, values, *low, true);
  if (const auto high = clause.high_bar()) {
    const double above = stats::fail_probability(statistic, values, *high, false);
    p = clause.between() ? 2 * std::min(p, above) : above;
  }
  return std::min(1.0, p * looks);
}

}  // namespace geomsu
