#include "harness/money/sensitivity.hpp"

#include <algorithm>

namespace geomsu {
namespace {

// Whether any amount that the cost reads is in foreign money.
bool has_foreign(const CostTerms& terms) {
  const auto foreign = [](const Quoted& price) { return price.currency != "KRW"; };
  return std::any_of(terms.capex.begin(), terms.capex.end(), [&](const auto& item) { return foreign(item.each); }) ||
         std::any_of(terms.rentals.begin(), terms.rentals.end(),
                     [&](const auto& item) { return foreign(item.each_hour); }) ||
         std::any_of(terms.yearly.begin(), terms.yearly.end(),
                     [&](const auto& item) { return item.each && foreign(*item.each); }) ||
         (terms.residual && terms.residual->amount && foreign(*terms.residual->amount));
}

bool has(const CostTerms& terms, Term term) {
  switch (term) {
    case Term::kTariff:
    case Term::kLoad:
      return terms.energy.has_value();
    case Term::kPue:
      return terms.energy && terms.energy->basis != PowerBasis::kWall;
    case Term::kHours:
      return !terms.rentals.empty();
    case Term::kResidual:
      return terms.residual && terms.residual->share_of_capex;
    case Term::kDiscount:
      return terms.discount.has_value();
    case Term::kFx:
      return has_foreign(terms);
  }
  return false;
}

CostTerms moved(CostTerms terms, Term term, const Rational& value) {
  switch (term) {
    case Term::kTariff:
      for (Tariff& tariff : terms.energy->tariffs) tariff.won_per_kwh.value = value;
      break;
    case Term::kPue:
      terms.energy->pue.value = value;
      break;
    case Term::kLoad:
      terms.energy->load.value = value;
      break;
    case Term::kHours:
      for (Rental& rental : terms.rentals) rental.hours_a_year.value = value;
      break;
    case Term::kResidual:
      terms.residual->share_of_capex->value = value;
      break;
    case Term::kDiscount:
      terms.discount->value = value;
      break;
    case Term::kFx:
      for (FxRate& rate : terms.fx) rate.won.value = rate.won.value * (Rational(1) + value);
      break;
  }
  return terms;
}

std::string percent(const Rational& share) { return (share * Rational(100)).text() + " %"; }

std::string shown(Term term, const Rational& value) {
  switch (term) {
    case Term::kTariff:
      return value.text() + "원/kWh";
    case Term::kPue:
      return value.text();
    case Term::kHours:
      return value.text() + " h";
    case Term::kLoad:
    case Term::kResidual:
    case Term::kDiscount:
      return percent(value);
    case Term::kFx:
      return (value.sign() > 0 ? "+" : "") + percent(value);
  }
  return {};
}

}  // namespace

Words term_words(Term term) {
  switch (term) {
    case Term::kTariff:
      return {"전기요금", "tariff"};
    case Term::kPue:
      return {"PUE", "PUE"};
    case Term::kLoad:
      return {"부하율", "load"};
    case Term::kHours:
      return {"연 사용시간", "hours a year"};
    case Term::kResidual:
      return {"잔존가치율", "residual share"};
    case Term::kDiscount:
      return {"할인율", "discount rate"};
    case Term::kFx:
      return {"환율", "exchange rate"};
  }
  return {};
}

std::vector<TornadoRow> sensitivity(const CostTerms& terms, std::vector<TermRange> ranges) {
  const bool says_fx =
      std::any_of(ranges.begin(), ranges.end(), [](const TermRange& range) { return range.term == Term::kFx; });
  if (!says_fx) ranges.push_back({Term::kFx, {Rational::of(-1, 10), {}, {}}, {Rational::of(1, 10), {}, {}}, "±10 %"});
  std::vector<TornadoRow> rows;
  for (const TermRange& range : ranges) {
    if (!has(terms, range.term)) continue;
    TornadoRow row;
    row.term = range.term;
    row.name = term_words(range.term);
    row.low = shown(range.term, range.low.value);
    row.high = shown(range.term, range.high.value);
    const CostTerms low = moved(terms, range.term, range.low.value), high = moved(terms, range.term, range.high.value);
    row.at_low = cost_of(low).total_judged(low);
    row.at_high = cost_of(high).total_judged(high);
    row.source = range.source;
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const TornadoRow& a, const TornadoRow& b) { return a.swing() > b.swing(); });
  return rows;
}

}  // namespace geomsu
