// Figures per won from a cost: per 억원 of the purchase and of the years' total, each with its interval; tokens per won
// over the years of service.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/money/cost.hpp"

namespace geomsu {

// A performance of one unit, between bounds that hold for every counted unit. Figures of different `regime` never stand
// in one ranking.
struct Performance {
  std::string name, regime;  // regime: "training", "prefill", "decode" ... as the sheet says
  std::string unit;          // "TFLOP/s", "tokens/s"
  Figure lower, upper;
  // Of tokens a second alone: the share of the time that the service is up, and the share of that it is used. Both
  // declared.
  std::optional<Figure> availability, utilisation;
  std::string source;
};

// lower <= upper, exact. `unit` is what they are in: "TFLOP/s/억원", "tokens/원".
struct Interval {
  Rational lower, upper;
};

struct PerWonFigure {
  std::string name, regime, unit;
  std::uint32_t counted = 0;
  std::optional<Interval> per_capex, per_total;  // per 억원; absent where there is no such cost (a rental buys nothing)
  // Over the years; no token is discounted, though the cost may be. Absent too where a rental's hours are fewer than
  // the hours that availability and utilisation stand for: then the tokens could not all be made.
  std::optional<Interval> tokens_per_won;
  Working working_capex, working_total, working_tokens;  // of the lower bounds
  bool too_few_hours = false;                            // why tokens_per_won is absent
  std::string source;
};

// The sum of the counted units' bounds over whole won; exact, so that k times every (whole) price gives 1/k of every
// figure. A bound of the sum is named a conservative floor: it is no 95 % bound.
PerWonFigure per_won_figure(const CostTerms& terms, const Cost& cost, const Performance& performance);

// Hours a year at which a rental costs as much as a purchase over the same years: the whole hours up to which renting
// is not dearer. Nothing where the rental has no hours to vary, or where the purchase is cheaper even at none. Above
// 8,766 the rental is never dearer.
std::optional<Won> break_even_hours(const CostTerms& purchase, const CostTerms& rental);

}  // namespace geomsu
