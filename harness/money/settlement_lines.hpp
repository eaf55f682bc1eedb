// The lines of a settlement: each with its rule in words, its working and its source.
#pragma once

#include <optional>
#include <string>

#include "harness/money/settlement.hpp"

namespace geomsu {

// What damages are reckoned with, whoever says so.
struct Damages {
  const DamagesTerms* terms = nullptr;
  Figure a_day;
  std::optional<Figure> cap;        // of the base; absent: none was in force
  const DamagesLaw* law = nullptr;  // for the sources of the rules of delay
  std::string rate_source, cap_source;
};

MoneyLine amount_line(const Part& part);
MoneyLine withheld_line(const Part& part);
MoneyLine rejected_line(const Part& part, const Rational& share);
MoneyLine reduced_line(const Part& part, const Rational& share);
// min(floor(base * rate * days), floor(base * cap)); 0 where no day counts, with the reason.
MoneyLine damages_line(const Part& part, const Delay& delay, const Damages& damages);
MoneyLine paid_line(const Payment& payment);

Notice rate_above(const Figure& own, const StatutoryRate& statutory);
Notice cap_above(const Figure& own, const StatutoryCap& statutory);
Notice ruling_notice(const Ruling& ruling);

}  // namespace geomsu
