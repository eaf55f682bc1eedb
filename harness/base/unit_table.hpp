// Every unit that is read or printed, as powers of ten and two of its dimension's SI unit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/units.hpp"

namespace geomsu {

struct UnitEntry {
  std::string text;  // "TFLOP/s/억원"
  Dimension dimension;
  int power_of_ten = 0;  // 1 TFLOP/s/억원 = 10^(12 - 8) FLOP/s per won
  int power_of_two = 0;  // 1 GiB = 2^30 B
  bool printed = true;   // one of the steps that format_quantity chooses from
};

const std::vector<UnitEntry>& unit_table();  // by dimension, ascending
const UnitEntry* find_unit(std::string_view text);
std::string unknown_unit_message(std::string_view text);  // "unknown unit 'TFLOPS'; did you mean 'TFLOP/s'?"

}  // namespace geomsu
