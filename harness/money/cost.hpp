// What a delivery costs over its years of service: terms in, lines out. Pure; every amount is an exact fraction until
// its line is floored to whole won.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/money/day.hpp"
#include "harness/money/line.hpp"

namespace geomsu {

// A number as its writer wrote it, and where it comes from.
struct Figure {
  Rational value;
  std::string text;    // "0.75/1000"; empty: value.text()
  std::string source;  // empty where the item's own source is meant
  Working working() const { return text.empty() ? Working(value) : Working::as_written(value, text); }
};

// An amount in won or in a currency that `fx` has a rate for.
struct Quoted {
  Rational amount;
  std::string currency = "KRW";
  std::string text;  // as written
};

struct FxRate {
  std::string currency;  // "USD"
  Figure won;            // for one unit of it
  std::string date;      // the contract's fixed date, never the day of the test
};

struct Tariff {
  Day from;  // the first day that it is in force
  Figure won_per_kwh;
};

// What a power figure is of. A wall figure holds the cooling, so that PUE is not applied again.
enum class PowerBasis { kUnit, kNode, kWall };

struct EnergyTerms {
  Figure kilowatts;  // of one unit, of one node, or of the whole delivery at the wall
  PowerBasis basis = PowerBasis::kUnit;
  bool measured = false;  // else declared, and said so in every line
  std::string meter;      // "PDU, class 0.5"; of a measured figure
  Figure load;            // share of all hours at that power
  Figure pue;             // 1 where the basis is the wall
  bool pue_metered = false;
  std::vector<Tariff> tariffs;  // by date; the first is in force when service begins
};

struct CapexItem {
  std::string name, source;
  Quoted each;
  std::uint32_t count = 1;
};

enum class YearlyKind { kHosting, kMaintenance, kOther };

// So much each year (or month), from a year of service on; or a share of capex.
struct YearlyItem {
  YearlyKind kind = YearlyKind::kOther;
  std::string name, source;
  std::optional<Quoted> each;            // either this, `count` times, in each of `periods` a year
  std::optional<Figure> share_of_capex;  // or this
  std::uint32_t count = 1, periods = 1;
  std::uint32_t from_year = 1;
};

// Sold or credited at the end of the last year.
struct Residual {
  std::optional<Figure> share_of_capex;
  std::optional<Quoted> amount;
  std::string source;
};

struct Rental {
  std::string name, source;
  Quoted each_hour;
  std::uint32_t count = 1;
  Figure hours_a_year;
};

struct CostTerms {
  std::string id;    // of an option: "buy"
  std::string name;  // as written
  std::uint32_t years = 5;
  Day in_service;
  bool prices_with_vat = false;  // how every amount below is written
  bool judged_with_vat = false;  // which total a figure per won is divided by
  Figure vat;
  std::optional<Figure> discount;  // a year; absent: none
  std::uint32_t units = 1, units_a_node = 1, state_units = 0;
  bool counts_state_units = false;  // of figures per won: State-use units only, else all
  std::vector<FxRate> fx;
  std::vector<CapexItem> capex;
  std::optional<EnergyTerms> energy;
  std::vector<YearlyItem> yearly;
  std::vector<Rental> rentals;
  std::optional<Residual> residual;

  std::uint32_t nodes() const { return units / units_a_node; }
  std::uint32_t counted_units() const { return counts_state_units ? state_units : units; }
};

// Watts as a device or a meter gave them. The double is taken as the fraction that it is, exactly; its text is that
// fraction's decimals.
void set_measured_power(EnergyTerms& energy, double watts, PowerBasis basis, std::string meter, std::string source);

enum class CostKind { kCapex, kEnergy, kHosting, kMaintenance, kOther, kRental, kResidual };

struct CostLine {
  CostKind kind = CostKind::kOther;
  std::uint32_t year = 0;                 // of service; 0: at the beginning
  MoneyLine line;                         // without VAT, or with it, as the terms' amounts are written; floored
  Won excluding_vat, vat, including_vat;  // the first two add up to the third
};

struct CostTotal {
  Won excluding_vat, vat, including_vat;
};

struct Cost {
  std::vector<CostLine> lines;
  CostTotal capex, total;  // capex: of kCapex alone
  Rational exact;          // of all lines before any floor, as the amounts are written; sensitivities and shares use it
  std::optional<Won> capex_judged(const CostTerms& terms) const;  // absent where nothing is bought
  Won total_judged(const CostTerms& terms) const;
};

// Errors kBadData: an amount that leaves 64 bits; a currency without a rate; units that make no whole nodes; no tariff
// at the beginning. The grammar refuses these with their place; this is for who builds terms otherwise.
Cost cost_of(const CostTerms& terms);

// The part of `of` units (a node, a unit): each line of the delivery times of / units, floored again, so that columns
// add up each in itself. A node's total times the nodes may lie under the delivery's by less than a won a line and
// node.
std::vector<CostLine> share_of(const CostTerms& terms, const Cost& cost, std::uint32_t of);
CostTotal total_of(const std::vector<CostLine>& lines);

inline constexpr std::int64_t kHoursAYear = 8766;  // 365.25 days

}  // namespace geomsu
