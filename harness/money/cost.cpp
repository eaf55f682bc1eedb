#include "harness/money/cost.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/money/cost_words.hpp"

namespace geomsu {
namespace {

[[noreturn]] void refuse(std::string what, std::string next) {
  throw Error(ErrorCode::kBadData, std::move(what), {}, std::move(next));
}

Working won_of(const Quoted& price, const std::vector<FxRate>& rates) {
  if (price.currency == "KRW") return Working(price.amount);
  for (const FxRate& rate : rates) {
    if (rate.currency == price.currency) return Working(price.amount) * rate.won.working();
  }
  refuse("there is no exchange rate for " + price.currency, "add it to `fx` with its date and source");
}

std::string won_per(const FxRate& rate) { return rate.won.working().text() + "원"; }

// Where an item's figures come from, its exchange rate with the fixed date among them.
std::string source_of(const std::string& source, const Quoted& price, const std::vector<FxRate>& rates) {
  for (const FxRate& rate : rates) {
    if (rate.currency != price.currency) continue;
    return fmt::format("{}; 1 {} = {} ({}, {})", source, rate.currency, won_per(rate), rate.date, rate.won.source);
  }
  return source;
}

// Collects lines; knows VAT and discounting.
class Book {
 public:
  Book(const CostTerms& terms, Cost& cost) : terms_(terms), cost_(cost) {}

  void add(CostKind kind, std::uint32_t year, std::string key, Words name, const Words& rule, Working working,
           const std::string& source) {
    if (terms_.discount && year > 0 && terms_.discount->value.sign() != 0) {
      working = working / (Working(std::int64_t{1}) + terms_.discount->working()).power(year);
    }
    const bool minus = kind == CostKind::kResidual;
    cost_.exact = minus ? cost_.exact - working.value() : cost_.exact + working.value();
    CostLine line;
    line.kind = kind;
    line.year = year;
    line.line = money_line(std::move(key), std::move(name), line_rule(terms_, rule, year), working, source, minus);
    cost_.lines.push_back(std::move(line));
  }

 private:
  const CostTerms& terms_;
  Cost& cost_;
};

// VAT is floored; a deduction has the VAT of its magnitude.
void split_vat(const CostTerms& terms, CostLine& line) {
  const Rational size = line.line.minus ? -Rational(line.line.won) : Rational(line.line.won);
  const Rational& rate = terms.vat.value;
  Won vat = (terms.prices_with_vat ? size * rate / (Rational(1) + rate) : size * rate).floor_won();
  if (line.line.minus) vat = Won{} - vat;
  line.vat = vat;
  line.excluding_vat = terms.prices_with_vat ? line.line.won - vat : line.line.won;
  line.including_vat = terms.prices_with_vat ? line.line.won : line.line.won + vat;
}

Working capex_sum(const CostTerms& terms) {
  std::optional<Working> sum;
  for (const CapexItem& item : terms.capex) {
    const Working one = Working(std::int64_t{item.count}) * won_of(item.each, terms.fx);
    sum = sum ? *sum + one : one;
  }
  return sum.value_or(Working());
}

void add_energy(const CostTerms& terms, Book& book) {
  const EnergyTerms& energy = *terms.energy;
  if (energy.tariffs.empty() || energy.tariffs.front().from > terms.in_service) {
    refuse("no tariff is in force when service begins on " + day_text(terms.in_service),
           "add a tariff whose `from` is not later");
  }
  Working kilowatts = energy.kilowatts.working();
  if (energy.basis == PowerBasis::kUnit) kilowatts = kilowatts * Working(std::int64_t{terms.units});
  if (energy.basis == PowerBasis::kNode) kilowatts = kilowatts * Working(std::int64_t{terms.nodes()});
  kilowatts = kilowatts * energy.load.working();
  if (energy.basis != PowerBasis::kWall) kilowatts = kilowatts * energy.pue.working();
  for (std::uint32_t year = 1; year <= terms.years; ++year) {
    const Day begin = years_later(terms.in_service, static_cast<int>(year) - 1);
    const Day end = years_later(terms.in_service, static_cast<int>(year));
    for (std::size_t i = 0; i < energy.tariffs.size(); ++i) {
      const Tariff& tariff = energy.tariffs[i];
      const Day from = std::max(begin, tariff.from);
      const Day to = i + 1 < energy.tariffs.size() ? std::min(end, energy.tariffs[i + 1].from) : end;
      if (from >= to) continue;
      const std::int64_t days = to.since_epoch - from.since_epoch, whole = end.since_epoch - begin.since_epoch;
      Working hours(kHoursAYear);
      std::string name, key = fmt::format("energy.{}", year);
      if (days != whole) {
        hours = hours * Working(days) / Working(whole);
        name = fmt::format("{} ~ {}", day_text(from), day_text(to.plus(-1)));
        key += fmt::format(".{}", i + 1);
      }
      std::string source = fmt::format("power: {}; tariff: {}", energy.kilowatts.source, tariff.won_per_kwh.source);
      if (energy.basis != PowerBasis::kWall) source += "; PUE: " + energy.pue.source;
      book.add(CostKind::kEnergy, year, key, line_name(name, CostKind::kEnergy, year), energy_rule(energy),
               kilowatts * hours * tariff.won_per_kwh.working(), source);
    }
  }
}

CostKind kind_of(YearlyKind kind) {
  switch (kind) {
    case YearlyKind::kHosting:
      return CostKind::kHosting;
    case YearlyKind::kMaintenance:
      return CostKind::kMaintenance;
    case YearlyKind::kOther:
      break;
  }
  return CostKind::kOther;
}

void add_yearly(const CostTerms& terms, const YearlyItem& item, std::size_t number, Book& book) {
  Working working;
  std::string source = item.source;
  if (item.share_of_capex) {
    working = capex_sum(terms) * item.share_of_capex->working();
  } else if (item.each) {
    working = Working(std::int64_t{item.count}) * won_of(*item.each, terms.fx);
    source = source_of(source, *item.each, terms.fx);
    if (item.periods != 1) working = working * Working(std::int64_t{item.periods});
  }
  for (std::uint32_t year = item.from_year; year <= terms.years; ++year) {
    book.add(kind_of(item.kind), year, fmt::format("yearly-{}.{}", number, year),
             line_name(item.name, kind_of(item.kind), year), yearly_rule(item), working, source);
  }
}

void check(const CostTerms& terms) {
  if (terms.units == 0 || terms.units_a_node == 0 || terms.units % terms.units_a_node != 0) {
    refuse(fmt::format("{} units make no whole nodes of {}", terms.units, terms.units_a_node),
           "correct `units` or `units_a_node`");
  }
  if (terms.years == 0 || terms.years > 50) refuse("the years of service are not from 1 to 50", "correct `years`");
}

}  // namespace

void set_measured_power(EnergyTerms& energy, double watts, PowerBasis basis, std::string meter, std::string source) {
  energy.kilowatts = {Rational::exactly(watts) / Rational(1000), {}, std::move(source)};
  energy.basis = basis;
  energy.measured = true;
  energy.meter = std::move(meter);
}

std::optional<Won> Cost::capex_judged(const CostTerms& terms) const {
  if (terms.capex.empty()) return std::nullopt;
  return terms.judged_with_vat ? capex.including_vat : capex.excluding_vat;
}

Won Cost::total_judged(const CostTerms& terms) const {
  return terms.judged_with_vat ? total.including_vat : total.excluding_vat;
}

CostTotal total_of(const std::vector<CostLine>& lines) {
  CostTotal total;
  for (const CostLine& line : lines) {
    total.excluding_vat = total.excluding_vat + line.excluding_vat;
    total.vat = total.vat + line.vat;
    total.including_vat = total.including_vat + line.including_vat;
  }
  return total;
}

Cost cost_of(const CostTerms& terms) {
  check(terms);
  Cost cost;
  Book book(terms, cost);
  std::size_t number = 0;
  for (const CapexItem& item : terms.capex) {
    book.add(CostKind::kCapex, 0, fmt::format("capex-{}", ++number), line_name(item.name, CostKind::kCapex, 0),
             capex_rule(), Working(std::int64_t{item.count}) * won_of(item.each, terms.fx),
             source_of(item.source, item.each, terms.fx));
  }
  number = 0;
  for (const Rental& rental : terms.rentals) {
    ++number;
    for (std::uint32_t year = 1; year <= terms.years; ++year) {
      book.add(CostKind::kRental, year, fmt::format("rental-{}.{}", number, year),
               line_name(rental.name, CostKind::kRental, year), rental_rule(),
               Working(std::int64_t{rental.count}) * won_of(rental.each_hour, terms.fx) * rental.hours_a_year.working(),
               source_of(rental.source, rental.each_hour, terms.fx));
    }
  }
  if (terms.energy) add_energy(terms, book);
  number = 0;
  for (const YearlyItem& item : terms.yearly) add_yearly(terms, item, ++number, book);
  if (terms.residual) {
    const Working left = terms.residual->amount ? won_of(*terms.residual->amount, terms.fx)
                                                : capex_sum(terms) * terms.residual->share_of_capex->working();
    book.add(CostKind::kResidual, terms.years, "residual", line_name({}, CostKind::kResidual, terms.years),
             residual_rule(), left,
             terms.residual->amount ? source_of(terms.residual->source, *terms.residual->amount, terms.fx)
                                    : terms.residual->source);
  }
  std::vector<CostLine> capex;
  for (CostLine& line : cost.lines) {
    split_vat(terms, line);
    if (line.kind == CostKind::kCapex) capex.push_back(line);
  }
  cost.capex = total_of(capex);
  cost.total = total_of(cost.lines);
  return cost;
}

std::vector<CostLine> share_of(const CostTerms& terms, const Cost& cost, std::uint32_t of) {
  std::vector<CostLine> lines;
  for (const CostLine& whole : cost.lines) {
    CostLine line = whole;
    const Won size = whole.line.minus ? Won{} - whole.line.won : whole.line.won;
    const Working working = Working(size) * Working(std::int64_t{of}) / Working(std::int64_t{terms.units});
    line.line = money_line(whole.line.key, whole.line.name, share_rule(of, terms.units), working, whole.line.source,
                           whole.line.minus);
    split_vat(terms, line);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace geomsu
