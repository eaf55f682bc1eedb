// One line of a table of money: what it is, by which rule, from which figures, and where they come from. A table's
// total is the sum of its printed lines, by construction.
#pragma once

#include <string>
#include <vector>

#include "harness/money/working.hpp"

namespace geomsu {

struct Words {
  std::string ko, en;
};

struct MoneyLine {
  std::string key;     // "energy.3"; for programs
  Words name;          // "전기, 3년차" = "electricity, year 3"
  Words rule;          // in words, with the floor that is taken
  Working working;     // in numbers; its value is what `won` is the floor of
  bool minus = false;  // the floor is taken first and then subtracted, so that a deduction is never rounded up
  Won won;             // signed
  std::string source;  // clause, law, quotation
};

// won = floor(working), negated where `minus`. Error kBadData where it leaves 64 bits, or where the working is
// negative.
MoneyLine money_line(std::string key, Words name, Words rule, Working working, std::string source, bool minus = false);

Won sum_of(const std::vector<MoneyLine>& lines);  // Error kBadData where it leaves 64 bits

}  // namespace geomsu
