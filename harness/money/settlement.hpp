// What is to be paid for a delivery on a day of reckoning: the contract's amount by parts, less what is withheld, what
// a shortfall takes, liquidated damages for delay, and what was paid before. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/money/damages_law.hpp"
#include "harness/money/delay.hpp"

namespace geomsu {

// What the contract says of a performance under its bar; the law has no formula for it (성능 미달).
enum class Remedy { kReject, kReduce, kReplace };

struct Shortfall {
  Remedy remedy = Remedy::kReject;
  bool at_least = true;                 // the bar is a lower one
  Figure bar, measured;                 // in the same unit
  std::string unit;                     // "TFLOP/s"
  Figure factor;                        // of reduce: how much of the price a shortfall of 1 takes; 1 is in proportion
  std::optional<Figure> most;           // of reduce: the largest share of the price that is taken
  std::optional<Figure> reject_beyond;  // of reduce: a larger shortfall is rejected
  std::string source;                   // the contract's clause
  Rational share() const;               // of the bar; not above 0 where it is met
};

struct AcceptedPiece {
  std::string name, source;
  Won amount;
  Day on;
};

// What has dates of its own: a tranche, or the units of one that came or passed apart.
struct Part {
  std::string name, source;
  Won amount;  // of the contract's, VAT as the contract's amount
  DeliveryDates dates;
  std::vector<AcceptedPiece> accepted;  // taken over before the due date: no base of damages
  std::optional<Shortfall> shortfall;
};

struct DamagesTerms {
  DamagesKind kind = DamagesKind::kGoods;
  std::optional<Figure> a_day, cap;  // the contract's own; absent: the statutory ones on the contract's date
  bool order_day_counts = true;
  Holidays holidays;
  std::string source;  // the clause that makes damages due
};

struct Payment {
  std::string name, source;
  Won amount;
  Day on;
};

struct SettlementTerms {
  std::string id, title;
  Won amount;
  bool with_vat = false;
  Figure vat;
  Day signed_on, as_of;
  std::string source;
  std::optional<DamagesTerms> damages;  // absent: the contract has none
  std::vector<Part> parts;              // their amounts add up to the contract's
  std::vector<Payment> paid;
};

struct Notice {
  Words what;
  std::string source;
};

struct Settlement {
  std::vector<MoneyLine> lines;
  Won payable;             // the sum of the lines; negative: a claim against the supplier
  Won withheld;            // of what is not accepted yet; in the lines
  Won damages;             // in the lines
  Won reduced;             // by shortfalls; in the lines
  Won excluding_vat, vat;  // of the contract's amount
  std::vector<Notice> notices;
};

// Errors kBadData: parts that do not add up, accepted pieces over their part, a kind that the law had no rate for on
// the contract's date, a part that passed and is rejected.
Settlement settle(const SettlementTerms& terms, const DamagesLaw& law);

}  // namespace geomsu
