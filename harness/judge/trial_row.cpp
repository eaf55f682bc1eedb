#include "harness/judge/trial_row.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/contract/bar.hpp"
#include "harness/contract/side.hpp"
#include "harness/judge/against_bar.hpp"
#include "harness/judge/block_order.hpp"
#include "harness/stats/looks.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {

std::vector<double> block_values(const Workload& workload, std::string_view quantity, const Trial& trial,
                                 RowMemo* memo) {
  const ops::Operation* operation = ops::find(workload.op);
  std::vector<double> values;
  if (operation == nullptr || trial.repeats == 0) return values;
  if (std::any_of(trial.block_ns.begin(), trial.block_ns.end(), [](std::int64_t ns) { return ns <= 0; })) return values;
  values.reserve(trial.block_ns.size());
  const auto value = [&](std::int64_t ns) { return operation->value(workload.params, quantity, trial.repeats, ns); };
  const std::optional<RowMemo::Rate> known = memo != nullptr ? memo->rate(workload, quantity) : std::nullopt;
  RowMemo::Rate own = known.value_or(RowMemo::Rate{});
  if (!known) own.work = operation->work(workload.params);
  __extension__ using Wide = unsigned __int128;
  const double work = static_cast<double>(static_cast<Wide>(own.work) * trial.repeats) * 1e9;
  const auto rate = [work](std::int64_t ns) { return work / static_cast<double>(ns); };
  if (!known) {
    // The parameters are read once and not for each block where the quantity is work over time: two times tell, for
    // every other quantity is another function of the time.
    const std::int64_t first = trial.block_ns.empty() ? 1 : trial.block_ns.front();
    own.is_rate = value(first) == rate(first) && value(2 * first) == rate(2 * first);
    if (memo != nullptr) memo->keep(workload, quantity, own);
  }
  for (const std::int64_t ns : trial.block_ns) values.push_back(own.is_rate ? rate(ns) : value(ns));
  return values;
}

std::optional<std::uint32_t> slowest_rank(const Trial& trial) {
  std::optional<std::uint32_t> slowest;
  double most = 0;
  for (std::uint32_t rank = 0; rank < trial.rank_ns.size(); ++rank) {
    std::vector<double> ns(trial.rank_ns[rank].begin(), trial.rank_ns[rank].end());
    const double middle = stats::median(ns);
    if (!(middle > most)) continue;
    most = middle;
    slowest = rank;
  }
  return slowest;
}

namespace {

void refuse(ClauseRow& row, Outcome outcome, Reason reason, std::string words) {
  row.outcome = outcome;
  row.reason = reason;
  row.words = std::move(words);
}

// No such part does that: another part, work that was not done, or a wrong datasheet.
std::optional<std::string> over_peak(const Clause& clause, const PlannedTrial& planned, double lower) {
  if (!planned.peak || !(lower > *planned.peak)) return std::nullopt;
  const Dimension dimension = bar_dimension(clause.operation, clause.quantity, false);
  return fmt::format("the lower bound {} is over {}, the dense peak of the contract's sku by its datasheet",
                     format_quantity(lower, dimension), format_quantity(*planned.peak, dimension));
}

// The first look at the blocks that were planned, and where it decides nothing the second, at these and the extension
// pooled. What no single unit decides, and an observed extreme, which is always decided, have no second look. Returns
// what was looked at.
std::span<const double> look(const Clause& clause, const PlannedTrial& planned, std::optional<stats::Statistic> known,
                             double confidence, RowMemo& memo, Measured& measured) {
  const auto bounds = [&](std::span<const double> samples) -> std::optional<stats::Bounds> {
    const auto ranks = memo.ranks(*known, samples.size(), confidence);
    return ranks ? stats::bounds(stats::quantile_of(*known), samples, *ranks) : std::nullopt;
  };
  const std::span<const double> all = measured.values, first = all.first(measured.planned_n);
  if (!clause.of.empty()) {  // one of a population: nothing is estimated by it
    const double median = stats::median(first);
    if (std::isfinite(median)) measured.bounds = stats::Bounds{median, median, median, 1, 1};
    return first;
  }
  if (known) measured.bounds = bounds(first);
  if (!measured.bounds || planned.extension == 0 || wants_all_units(clause) || observed(*known)) return first;
  if (side_of(clause, measured.bounds->lower, measured.bounds->upper) != Side::kUndecided) return first;
  if (first.size() == all.size()) {
    measured.more = fmt::format("the {} blocks more that the plan has for that were not measured", planned.extension);
    return first;
  }
  measured.row.look = 2;
  measured.bounds = bounds(all);
  return all;
}

std::string dependent_words(const Clause& clause, const ClauseRow& row, double confidence) {
  return fmt::format(
      "the blocks are not independent: {}; the bounds {} to {} {} do not hold at {} %, and nothing is "
      "widened; {} was contracted; {}",
      dependence_words(*row.dependence), format_in(*row.lower, clause.bar_unit), format_in(*row.upper, clause.bar_unit),
      clause.bar_unit, shortest(confidence * 100), bar_words(clause), undecided_words(clause));
}

}  // namespace

bool observed(stats::Statistic statistic) {
  return statistic == stats::Statistic::kMin || statistic == stats::Statistic::kMax;
}

bool wants_all_units(const Clause& clause) { return clause.scope == Scope::kLot || !clause.of.empty(); }

Measured measure_row(const Clause& clause, const PlannedTrial& planned, const Trial& trial, const LookTerms& terms) {
  Measured measured;
  ClauseRow& row = measured.row;
  row.clause = clause.id;
  row.unit = trial.unit;
  row.n = static_cast<std::uint32_t>(planned.thin > 1 ? judged_values(planned, clause.quantity, trial).size()
                                                      : trial.block_ns.size());
  row.attempt = trial.attempt;
  row.trial = trial.id;
  const std::size_t least = planned.sustained ? planned.blocks : terms.adaptive_min_blocks.value_or(planned.blocks);
  if (auto found = refusal(clause, planned, trial, least, terms.precondition)) {
    refuse(row, found->outcome, found->reason, std::move(found->words));
    return measured;
  }
  measured.values = judged_values(planned, clause.quantity, trial, terms.memo);
  measured.planned_n = std::min<std::size_t>(measured.values.size(), planned.judged());
  const std::optional<stats::Statistic> statistic = stats::parse_statistic(clause.statistic);
  const double confidence = stats::look_confidence(clause.confidence, terms.looks);
  RowMemo own;
  const std::span<const double> judged =
      look(clause, planned, statistic, confidence, terms.memo != nullptr ? *terms.memo : own, measured);
  row.n = static_cast<std::uint32_t>(judged.size());
  if (!measured.bounds) {
    refuse(row, Outcome::kInvalid, Reason::kNotMeasured,
           fmt::format("no bound of the {} exists for {} blocks at {} %", escape_terminal(clause.statistic), row.n,
                       shortest(confidence * 100)));
    return measured;
  }
  if (auto words = over_peak(clause, planned, measured.bounds->lower)) {
    refuse(row, Outcome::kInvalid, Reason::kOverPeak, std::move(*words));
    measured.bounds.reset();
    return measured;
  }
  row.lower = measured.bounds->lower;
  row.upper = measured.bounds->upper;
  row.estimate = measured.bounds->estimate;
  if (const auto rank = slowest_rank(trial); rank && *rank < planned.members.size())
    measured.slowest = fmt::format("slowest of {} ranks: rank {} ({})", trial.rank_ns.size(), *rank,
                                   escape_terminal(planned.members[*rank].name()));
  const bool interval = clause.of.empty() && !observed(*statistic);
  if (planned.sustained) row.dependence = dependence_of(planned, trial);
  // What has no interval is what it is, whatever the blocks say of each other.
  if (interval && row.dependence && row.dependence->dependent) {
    refuse(row, undecided_outcome(clause), Reason::kDependent, dependent_words(clause, row, confidence));
    measured.bounds.reset();
  } else if (interval && !wants_all_units(clause)) {
    row.p_fail = fail_probability(clause, *statistic, judged, terms.looks);
  }
  return measured;
}

ClauseRow judge_trial(const Clause& clause, const PlannedTrial& planned, const Trial& trial, const LookTerms& terms) {
  return judged_row(clause, measure_row(clause, planned, trial, terms));
}

ClauseRow judged_row(const Clause& clause, const Measured& measured) {
  ClauseRow row = measured.row;
  if (measured.bounds) judge_bounds(clause, measured.bounds->lower, measured.bounds->upper, row, measured.more);
  if (!measured.slowest.empty()) row.words += "; " + measured.slowest;
  if (!measured.attempts.empty()) row.words += "; " + measured.attempts;
  return row;
}

}  // namespace geomsu
