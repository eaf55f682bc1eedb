// Dates of contracts: YYYY-MM-DD of the Gregorian calendar.
#pragma once

#include <optional>
#include <string_view>

namespace geomsu {

// Days since 1970-01-01; nothing for another form or for a day that does not exist (2026-02-30).
std::optional<long> parse_date(std::string_view text);

}  // namespace geomsu
