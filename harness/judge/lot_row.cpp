#include "harness/judge/lot_row.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/judge/clause_summary.hpp"
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

}  // namespace

LotJudgement judge_lot(const Contract& contract, const Clause& clause, std::span<const Measured> units) {
  LotJudgement lot;
  lot.row.clause = lot.figure.clause = clause.id;
  lot.row.unit = {"lot", ""};
  lot.figure.kind = clause.per;
  const Price price = contract.price.value_or(Price{});
  if (contract.price) {
    lot.figure.price_won = price.won;
    lot.figure.price_text = price.text;
    lot.figure.vat = price.vat_included ? "VAT included" : "VAT excluded";
    lot.figure.counted = price.counted_units;
  }
  if (units.empty()) {
    refuse(lot.row, Outcome::kNotRun, Reason::kNotFound, "there is no unit to count: an empty scope is no acceptance");
    return lot;
  }
  if (contract.price && price.counted_units != "all") {
    refuse(lot.row, Outcome::kNotRun, Reason::kNotMeasured,
           fmt::format("the contract counts '{}' units and its delivery list does not say which they are",
                       price.counted_units));
    return lot;
  }
  if (const ClauseRow* obstacle = first_obstacle(clause, units)) {
    refuse(lot.row, obstacle->outcome, obstacle->reason,
           fmt::format("{} gives no figure, and a lot is never judged without one of its units: {}",
                       obstacle->unit.name(), obstacle->words));
    lot.row.trial = obstacle->trial;
    lot.row.attempt = obstacle->attempt;
    return lot;
  }
  const Sums sums = sum_of(units);
  if (sums.counted == 0) {
    refuse(lot.row, Outcome::kNotApplicable, Reason::kUnsupported, "no unit offers this, and the contract allows that");
    return lot;
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
    return lot;
  }
  const Won won{*price.won};
  lot.figure.per_won_floor = lot.row.lower = per_won(sums.lower, won);
  lot.figure.per_won_ceiling = lot.row.upper = per_won(sums.upper, won);
  lot.row.estimate = per_won(sums.estimate, won);
  judge_bounds(clause, *lot.row.lower, *lot.row.upper, lot.row);
  lot.row.words = fmt::format("{} units, conservative floor and ceiling over {} ({}): {}", sums.counted, print_won(won),
                              lot.figure.vat, lot.row.words);
  return lot;
}

}  // namespace geomsu
