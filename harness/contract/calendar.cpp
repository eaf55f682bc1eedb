#include "harness/contract/calendar.hpp"

#include <chrono>

#include <fmt/format.h>

namespace geomsu {
namespace {

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

std::optional<long> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)), day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return static_cast<long>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::string date_text(long days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

// Divides before it adds, so that no moment overflows, and rounds down before 1970 too.
long seoul_day(std::int64_t utc_ns) {
  constexpr std::int64_t kDayNs = std::int64_t{24} * 3600 * 1'000'000'000;
  std::int64_t day = utc_ns / kDayNs, rest = utc_ns % kDayNs;
  if (rest < 0) {
    --day;
    rest += kDayNs;
  }
  return static_cast<long>(rest + kSeoulAheadNs >= kDayNs ? day + 1 : day);
}

std::string seoul_date(std::int64_t utc_ns) { return date_text(seoul_day(utc_ns)); }

}  // namespace geomsu
