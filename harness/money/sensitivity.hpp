// How the total moves when one term moves and the others stay: the data of a tornado diagram.
#pragma once

#include <string>
#include <vector>

#include "harness/money/cost.hpp"

namespace geomsu {

enum class Term { kTariff, kPue, kLoad, kHours, kResidual, kDiscount, kFx };

// From `low` to `high`, in the term's own unit; of fx a share by which every rate moves down and up (0.1).
struct TermRange {
  Term term = Term::kTariff;
  Figure low, high;
  std::string source;
};

struct TornadoRow {
  Term term = Term::kTariff;
  Words name;
  std::string low, high;  // as printed, "140원/kWh"
  Won at_low, at_high;    // the judged total
  Won swing() const { return at_low < at_high ? at_high - at_low : at_low - at_high; }
  std::string source;
};

// Widest swing first; equal ones in the order given. A range whose term the cost does not have is left out. Where a
// cost has foreign money and no range for it, +-10 % is put in.
std::vector<TornadoRow> sensitivity(const CostTerms& terms, std::vector<TermRange> ranges);

Words term_words(Term term);

}  // namespace geomsu
