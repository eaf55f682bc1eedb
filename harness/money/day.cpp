#include "harness/money/day.hpp"

#include <chrono>

#include <fmt/format.h>

namespace geomsu {
namespace {

std::chrono::sys_days sys(Day day) { return std::chrono::sys_days(std::chrono::days(day.since_epoch)); }

}  // namespace

std::string day_text(Day day) {
  const std::chrono::year_month_day date{sys(day)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

bool weekend(Day day) {
  const std::chrono::weekday weekday{sys(day)};
  return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

Day years_later(Day day, int years) {
  std::chrono::year_month_day date{sys(day)};
  date += std::chrono::years(years);
  if (!date.ok()) date = date.year() / std::chrono::February / 28;
  return {static_cast<long>(std::chrono::sys_days(date).time_since_epoch().count())};
}

}  // namespace geomsu
