#include <array>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/money/won.hpp"

namespace geomsu {
namespace {

struct Unit {
  std::string_view text;
  int power;
  std::int64_t won;
};
constexpr std::array<Unit, 4> kUnits{
    {{"조", 12, 1'000'000'000'000}, {"억", 8, 100'000'000}, {"만", 4, 10'000}, {"", 0, 1}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A coefficient as written: "4,590" or "1.5".
struct Coefficient {
  std::string whole;     // digits without commas
  std::string fraction;  // digits without trailing zeros
  bool point = false;
};

// Reads one off the front of `text`; the words of the refusal otherwise.
std::string read_coefficient(std::string_view& text, Coefficient& out) {
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == ',')) ++end;
  const std::string_view grouped = text.substr(0, end);
  if (grouped.empty() || !is_digit(grouped[0])) return "a number is missing";
  std::size_t since_comma = 0;
  bool commas = false;
  for (const char c : grouped) {
    if (c == ',') {
      if (since_comma > 3 || since_comma == 0 || (commas && since_comma != 3)) return "a comma is in the wrong place";
      commas = true;
      since_comma = 0;
    } else {
      out.whole += c;
      ++since_comma;
    }
  }
  if (commas && since_comma != 3) return "a comma is in the wrong place";
  if (out.whole.size() > 1 && out.whole[0] == '0') return "a number begins with 0";
  text.remove_prefix(end);
  if (!text.starts_with('.')) return {};
  out.point = true;
  text.remove_prefix(1);
  while (!text.empty() && is_digit(text[0])) {
    out.fraction += text[0];
    text.remove_prefix(1);
  }
  if (out.fraction.empty()) return "a decimal point has no digits after it";
  while (out.fraction.ends_with('0')) out.fraction.pop_back();
  return {};
}

void skip_spaces(std::string_view& text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
}

// The unit at the front of `text`, taken off it. Won itself, written or not, is the last.
const Unit& read_unit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (!unit.text.empty() && text.starts_with(unit.text)) {
      text.remove_prefix(unit.text.size());
      return unit;
    }
  }
  return kUnits.back();
}

// coefficient * unit in won, or nothing over 10^18.
std::optional<std::int64_t> amount_of(const Coefficient& coefficient, const Unit& unit) {
  std::int64_t whole = 0;
  for (const char c : coefficient.whole) {
    whole = whole * 10 + (c - '0');
    if (whole > kMostWon.value / unit.won) return std::nullopt;
  }
  std::int64_t fraction = 0;
  int missing = unit.power - static_cast<int>(coefficient.fraction.size());
  for (const char c : coefficient.fraction) fraction = fraction * 10 + (c - '0');
  for (; missing > 0; --missing) fraction *= 10;
  const std::int64_t won = whole * unit.won + fraction;
  if (won > kMostWon.value) return std::nullopt;
  return won;
}

std::string thousands(std::uint64_t value) {
  std::string digits = std::to_string(value);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::uint64_t magnitude(Won won) {
  return won.value < 0 ? 0 - static_cast<std::uint64_t>(won.value) : static_cast<std::uint64_t>(won.value);
}

// The sum of the groups, or the words of the refusal.
std::string read_groups(std::string_view text, Won& sum) {
  constexpr std::string_view kTooMuch = "more than 10^18 won";
  std::int64_t previous_unit = 0;  // 0 before the first group
  while (true) {
    Coefficient coefficient;
    if (std::string refused = read_coefficient(text, coefficient); !refused.empty()) return refused;
    skip_spaces(text);
    const Unit& unit = read_unit(text);
    if (previous_unit != 0 && unit.won >= previous_unit) return "the units do not fall from 조 over 억 and 만 to 원";
    if (coefficient.point && unit.power == 0) {
      return "decimals stand before 만, 억 or 조 only (write 62,000 for sixty-two thousand)";
    }
    if (coefficient.fraction.size() > static_cast<std::size_t>(unit.power)) return "the decimals are no whole won";
    const std::optional<std::int64_t> amount = amount_of(coefficient, unit);
    if (!amount) return std::string(kTooMuch);
    if (previous_unit != 0 && *amount >= previous_unit) return "a group is not less than the unit before it";
    if (*amount > kMostWon.value - sum.value) return std::string(kTooMuch);
    sum.value += *amount;
    previous_unit = unit.won;
    skip_spaces(text);
    if (text == "원" || text.empty()) return {};
    if (coefficient.point) return "decimals stand in the last group only";
    if (!is_digit(text[0]) || unit.power == 0) return "what follows the number is neither 조, 억, 만 nor 원";
  }
}

}  // namespace

std::optional<Won> parse_won(std::string_view text, std::string* error) {
  std::string_view rest = text;
  skip_spaces(rest);
  while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\t')) rest.remove_suffix(1);
  Won sum;
  std::string refused;
  if (rest.empty()) {
    refused = "an amount is missing";
  } else if (rest.starts_with('-') || rest.starts_with("−")) {
    refused = "an amount cannot be negative";
  } else {
    refused = read_groups(rest, sum);
  }
  if (refused.empty()) return sum;
  if (error != nullptr) {
    *error =
        fmt::format("'{}' is no amount of won: {}; write it like '1조 4,590억원', '1억 2,345만원' or '62,000,000원'",
                    clip(escape_terminal(text), 60), refused);
  }
  return std::nullopt;
}

std::string won_digits(Won won) { return fmt::format("{}{}원", won.value < 0 ? "-" : "", thousands(magnitude(won))); }

std::string won_words(Won won) {
  std::uint64_t left = magnitude(won);
  std::string out;
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.won);
    if (left / size == 0) continue;
    out += fmt::format("{}{}{}", out.empty() ? "" : " ", thousands(left / size), unit.text);
    left %= size;
  }
  return fmt::format("{}{}원", won.value < 0 ? "-" : "", out.empty() ? "0" : out);
}

std::string print_won(Won won) {
  constexpr std::uint64_t kHundredth = 1'000'000;  // of 억
  const std::uint64_t hundredths = (magnitude(won) + kHundredth / 2) / kHundredth;
  const char* sign = won.value < 0 && hundredths > 0 ? "-" : "";
  return fmt::format("{}{}.{:02}억원 ({})", sign, thousands(hundredths / 100), hundredths % 100, won_digits(won));
}

}  // namespace geomsu
