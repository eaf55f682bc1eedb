#include "harness/money/cost_figure.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kEok = 100'000'000;
constexpr std::int64_t kSecondsAYear = kHoursAYear * 3600;

Working over_won(const CostTerms& terms, const Figure& bound, Won won) {
  return Working(std::int64_t{terms.counted_units()}) * bound.working() * Working(kEok) / Working(won);
}

Interval interval_of(const Working& lower, const Working& upper) { return {lower.value(), upper.value()}; }

Working tokens(const CostTerms& terms, const Performance& performance, const Figure& bound, Won won) {
  return Working(std::int64_t{terms.counted_units()}) * bound.working() * Working(kSecondsAYear) *
         Working(std::int64_t{terms.years}) * performance.availability->working() * performance.utilisation->working() /
         Working(won);
}

}  // namespace

PerWonFigure per_won_figure(const CostTerms& terms, const Cost& cost, const Performance& performance) {
  PerWonFigure figure;
  figure.name = performance.name;
  figure.regime = performance.regime;
  figure.unit = performance.unit;
  figure.counted = terms.counted_units();
  figure.source = performance.source;
  const std::optional<Won> capex = cost.capex_judged(terms);
  if (capex && capex->value > 0) {
    figure.working_capex = over_won(terms, performance.lower, *capex);
    figure.per_capex = interval_of(figure.working_capex, over_won(terms, performance.upper, *capex));
  }
  const Won total = cost.total_judged(terms);
  if (total.value <= 0) return figure;
  figure.working_total = over_won(terms, performance.lower, total);
  figure.per_total = interval_of(figure.working_total, over_won(terms, performance.upper, total));
  if (performance.availability && performance.utilisation) {
    const Rational needed = Rational(kHoursAYear) * performance.availability->value * performance.utilisation->value;
    for (const Rental& rental : terms.rentals) {
      if (rental.hours_a_year.value < needed) figure.too_few_hours = true;
    }
    if (figure.too_few_hours) return figure;
    figure.working_tokens = tokens(terms, performance, performance.lower, total);
    figure.tokens_per_won = interval_of(figure.working_tokens, tokens(terms, performance, performance.upper, total));
  }
  return figure;
}

// The rental's cost is a + b * hours: two points of the exact totals give both.
std::optional<Won> break_even_hours(const CostTerms& purchase, const CostTerms& rental) {
  if (rental.rentals.empty()) return std::nullopt;
  const auto exact_at = [&](std::int64_t hours) {
    CostTerms terms = rental;
    for (Rental& item : terms.rentals) item.hours_a_year = {Rational(hours), {}, {}};
    return cost_of(terms).exact;
  };
  const Rational none = exact_at(0), slope = exact_at(1) - none, wanted = cost_of(purchase).exact;
  if (slope.sign() <= 0 || wanted < none) return std::nullopt;
  return ((wanted - none) / slope).floor_won();
}

}  // namespace geomsu
