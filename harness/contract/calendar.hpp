// Dates of contracts, lists, sites and reports: YYYY-MM-DD of the Gregorian calendar, and always a day as Korea counts
// it (Asia/Seoul), whatever the zone of the host. Moments are UTC (base/clock.hpp) and become such a day here alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

// Asia/Seoul has been UTC+9 without summer time since 1988-10-09, before any moment that a bundle can hold. The host's
// zone files are not asked: two hosts with two of them would print two dates of one bundle.
inline constexpr std::int64_t kSeoulAheadNs = std::int64_t{9} * 3600 * 1'000'000'000;

// Days since 1970-01-01; nothing for another form or for a day that does not exist (2026-02-30).
std::optional<long> parse_date(std::string_view text);

std::string date_text(long days);  // the other way round: "2026-02-28"

// The day in Seoul at a moment, as days since 1970-01-01: 15:00 UTC is the next day's midnight there.
long seoul_day(std::int64_t utc_ns);
std::string seoul_date(std::int64_t utc_ns);  // "2026-02-28"

}  // namespace geomsu
