#include "harness/judge/lot_row.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/judge/against_bar.hpp"
#include "harness/judge/clause_summary.hpp"
#include "harness/judge/scope.hpp"
#include "harness/money/per_won.hpp"

namespace geomsu {
namespace {

struct Sums {
  double lower = 0, upper = 0, estimate = 0;
  std::uint32_t counted = 0, least_n = 0;
};

Sums sum_of(std::span<const Measured> units) {
  Sums sums;
  for (const Measured& unit : units) {
    if (!unit.bounds) continue;
    sums.lower += unit.bounds->lower;
    sums.upper += unit.bounds->upper;
    sums.estimate += unit.bounds->estimate;
    sums.least_n = sums.counted == 0 ? unit.row.n : std::min(sums.least_n, unit.row.n);
    ++sums.counted;
  }
  return sums;
}

// The weakest of the units that give no figure; nullptr where all do.
const ClauseRow* first_obstacle(const Clause& clause, std::span<const Measured> units) {
  const ClauseRow* worst_row = nullptr;
  for (const Measured& unit : units) {
    if (unit.bounds || unit.row.outcome == Outcome::kNotApplicable) continue;
    if (worst_row == nullptr || weaker(clause, unit.row, *worst_row)) worst_row = &unit.row;
  }
  return worst_row;
}

void refuse(ClauseRow& row, Outcome outcome, Reason reason, std::string words) {
  row.outcome = outcome;
  row.reason = reason;
  row.words = std::move(words);
}

// The lot as bad as the weakest unit that gives no figure; false where all do.
bool refuse_by_obstacle(const Clause& clause, std::span<const Measured> units, ClauseRow& row) {
  const ClauseRow* obstacle = first_obstacle(clause, units);
  if (obstacle == nullptr) return false;
  refuse(row, obstacle->outcome, obstacle->reason,
         fmt::format("{} gives no figure, and a lot is never judged without one of its units: {}",
                     obstacle->unit.name(), obstacle->words));
  row.trial = obstacle->trial;
  row.attempt = obstacle->attempt;
  return true;
}

// How many units there must be; 0 where nobody says so, or where the clause is of groups.
std::size_t delivered_units(const Contract& contract, const Clause& clause) {
  if (contract.delivery.discover || is_group(clause)) return 0;
  const std::string& only = contract.skus.size() > 1 ? std::string() : contract.sku;
  const auto concerned = [&](const DeliveredUnit& unit) {
    return clause.sku.empty() || (unit.sku.empty() ? only : unit.sku) == clause.sku;
  };
  return static_cast<std::size_t>(
      std::count_if(contract.delivery.units.begin(), contract.delivery.units.end(), concerned));
}

// The exact figure of a finite population: every unit's median is known, so there is no interval.
void judge_population(const Clause& clause, std::span<const Measured> units, ClauseRow& row) {
  if (refuse_by_obstacle(clause, units, row)) return;
  std::vector<double> medians;
  for (const Measured& unit : units) {
    if (unit.bounds) medians.push_back(unit.bounds->estimate);
  }
  if (medians.empty()) {
    refuse(row, Outcome::kNotApplicable, Reason::kUnsupported, "no unit offers this, and the contract allows that");
    return;
  }
  const std::optional<stats::Statistic> statistic = stats::parse_statistic(clause.statistic);
  const double figure = stats::quantile(medians, statistic ? stats::quantile_of(*statistic) : 0.5);
  row.n = static_cast<std::uint32_t>(medians.size());
  row.lower = row.upper = row.estimate = figure;
  judge_bounds(clause, figure, figure, row);
  row.words =
      fmt::format("the {} of the medians of all {} units, exact: {}", clause.statistic, medians.size(), row.words);
}

void judge_per_won(const Contract& contract, const Clause& clause, std::span<const Measured> units, LotJudgement& lot) {
  const Price price = contract.price.value_or(Price{});
  const bool state_only = price.counted_units == "state_use";
  if (contract.price && price.counted_units != "all" && !(state_only && contract.delivery.states_use)) {
    refuse(lot.row, Outcome::kNotRun, Reason::kNotMeasured,
           fmt::format("the contract counts '{}' units and its delivery list does not say which they are",
                       price.counted_units));
    return;
  }
  std::vector<Measured> state_use;
  if (contract.price && state_only) {
    std::copy_if(units.begin(), units.end(), std::back_inserter(state_use),
                 [](const Measured& unit) { return unit.counted; });
    units = state_use;
    if (units.empty()) {
      refuse(lot.row, Outcome::kNotRun, Reason::kNotFound, "no unit of the delivery list is in State use");
      return;
    }
  }
  if (refuse_by_obstacle(clause, units, lot.row)) return;

  const Sums sums = sum_of(units);
  if (sums.counted == 0) {
    refuse(lot.row, Outcome::kNotApplicable, Reason::kUnsupported, "no unit offers this, and the contract allows that");
    return;
  }
  lot.row.n = sums.least_n;
  lot.figure.floor = sums.lower;
  lot.figure.ceiling = sums.upper;
  if (!price.won || *price.won <= 0) {
    if (clause.at_least) {
      if (const std::optional<Won> break_even = break_even_price(sums.lower, clause.bar()))
        lot.figure.break_even_won = break_even->value;
    }
    refuse(
        lot.row, Outcome::kNotRun, Reason::kNoPrice,
        fmt::format(
            "the contract states no price{}",
            lot.figure.break_even_won ? "; the bar is met up to " + print_won(Won{*lot.figure.break_even_won}) : ""));
    return;
  }
  const Won won{*price.won};
  lot.figure.per_won_floor = lot.row.lower = per_won(sums.lower, won);
  lot.figure.per_won_ceiling = lot.row.upper = per_won(sums.upper, won);
  lot.row.estimate = per_won(sums.estimate, won);
  judge_bounds(clause, *lot.row.lower, *lot.row.upper, lot.row);
  lot.row.words = fmt::format("{} units, conservative floor and ceiling over {} ({}): {}", sums.counted, print_won(won),
                              lot.figure.vat, lot.row.words);
}

// The figure stays, and is worth no more than the most doubtful of its units.
void worsen_by_doubts(std::span<const Measured> units, ClauseRow& row) {
  const Measured* doubtful = nullptr;
  const Refusal* most = nullptr;
  for (const Measured& unit : units) {
    for (const Refusal& doubt : unit.doubts) {
      if (most != nullptr && worst(most->outcome, doubt.outcome) == most->outcome) continue;
      most = &doubt;
      doubtful = &unit;
    }
  }
  if (most == nullptr) return;
  worsen(row,
         {most->outcome, most->reason, fmt::format("{}: {}", escape_terminal(doubtful->row.unit.name()), most->words)});
}

}  // namespace

LotJudgement judge_lot(const Contract& contract, const Clause& clause, std::span<const Measured> units) {
  LotJudgement lot;
  lot.row.clause = lot.figure.clause = clause.id;
  lot.row.unit = clause.scope == Scope::kCluster ? kClusterUnit : Unit{"lot", ""};
  lot.figure.kind = clause.per;
  if (contract.price) {
    lot.figure.price_won = contract.price->won;
    lot.figure.price_text = contract.price->text;
    lot.figure.vat = contract.price->vat_included ? "VAT included" : "VAT excluded";
    lot.figure.counted = contract.price->counted_units;
  }
  if (units.empty()) {
    refuse(lot.row, Outcome::kNotRun, Reason::kNotFound, "there is no unit to count: an empty scope is no acceptance");
    return lot;
  }
  if (const std::size_t delivered = delivered_units(contract, clause); units.size() < delivered) {
    refuse(lot.row, Outcome::kNotRun, Reason::kNotMeasured,
           fmt::format("{} of {} units are here, and the figure is of all of them", units.size(), delivered));
    return lot;
  }
  if (clause.of.empty()) {
    judge_per_won(contract, clause, units, lot);
  } else {
    judge_population(clause, units, lot.row);
  }
  worsen_by_doubts(units, lot.row);
  return lot;
}

}  // namespace geomsu
