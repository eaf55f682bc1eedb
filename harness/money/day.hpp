// Days of the calendar as whole numbers, for terms of service and days of delay.
#pragma once

#include <string>

namespace geomsu {

// Days since 1970-01-01 (contract/calendar.hpp reads them from text). A struct, so that a day is no count of days.
struct Day {
  long since_epoch = 0;
  auto operator<=>(const Day&) const = default;
  Day plus(long days) const { return {since_epoch + days}; }
};

std::string day_text(Day day);        // "2026-03-31"
bool weekend(Day day);                // Saturday or Sunday
Day years_later(Day day, int years);  // the same day of a later year; 28 February for the 29th where there is none

}  // namespace geomsu
