#include "harness/money/line.hpp"

#include "harness/base/error.hpp"

namespace geomsu {

MoneyLine money_line(std::string key, Words name, Words rule, Working working, std::string source, bool minus) {
  if (working.value().sign() < 0) {
    throw Error(ErrorCode::kBadData, "the amount of '" + name.en + "' is negative: " + working.text(), {},
                "check the amounts and rates that it is made of");
  }
  MoneyLine line;
  line.won = working.value().floor_won();
  if (minus) line.won = Won{} - line.won;
  if (!working.value().whole()) working = working.floor();
  line.key = std::move(key);
  line.name = std::move(name);
  line.rule = std::move(rule);
  line.working = std::move(working);
  line.source = std::move(source);
  line.minus = minus;
  return line;
}

Won sum_of(const std::vector<MoneyLine>& lines) {
  Won sum;
  for (const MoneyLine& line : lines) sum = sum + line.won;
  return sum;
}

}  // namespace geomsu
