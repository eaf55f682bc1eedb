// Money: whole won in an integer, from the contract's text to the report's. 만 = 10^4, 억 = 10^8, 조 = 10^12.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

struct Won {
  std::int64_t value = 0;
  auto operator<=>(const Won&) const = default;
};

inline constexpr Won kMostWon{1'000'000'000'000'000'000};  // 10^18: what is read; the national budget is below 10^15

// Error kBadData where the result leaves 64 bits; a sum never wraps.
Won operator+(Won a, Won b);
Won operator-(Won a, Won b);
Won operator*(Won a, std::int64_t times);

// Reads "1조 4,590억원", "1억 2,345만원", "1억 2,345만 6,789원", "62,000,000", "62,000,000원", "1.5억원".
//  - Groups fall from 조 over 억 and 만 to won, each at most once, and each after the first is less than one of the
//  unit before
//    it ("1억 20,000만원" is a slip of the pen).
//  - Commas stand at every third digit or nowhere. No sign, no leading zeros.
//  - Decimals only right before 만, 억 or 조, in the last group, and only where they come to whole won: "62.000" may be
//  meant as
//    62,000 by its writer, so it is refused.
// Nothing above 10^18. Otherwise nothing, with the reason in *error (which may be null).
std::optional<Won> parse_won(std::string_view text, std::string* error);

// "14,590.00억원 (1,459,000,000,000원)": 억원 with two decimals, then the exact won. The 억원 figure is rounded half up
// (of the magnitude, where negative) in integers; the won are exact, and are what is judged.
std::string print_won(Won won);

std::string won_digits(Won won);  // "1,459,000,000,000원"
std::string won_words(Won won);   // "1조 4,590억원": exact, parse_won reads it back; a minus before a negative one

}  // namespace geomsu
