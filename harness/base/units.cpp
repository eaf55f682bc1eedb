#include "harness/base/units.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/base/unit_table.hpp"

namespace geomsu {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A number as written: what stands before the exponent, and the exponent.
struct Number {
  std::string_view mantissa;
  int exponent = 0;
  std::string_view rest;
};

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t i = from;
  while (i < text.size() && is_digit(text[i])) ++i;
  return i - from;
}

// -?digits(.digits)?([eE][+-]?digits)?, the longest such prefix; "1 EFLOP/s" and "1EFLOP/s" both have an E that is no
// exponent.
std::optional<Number> split_number(std::string_view text) {
  std::size_t end = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = digits_at(text, end);
  if (whole == 0) return std::nullopt;
  end += whole;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = digits_at(text, end + 1);
    if (fraction == 0) return std::nullopt;
    end += 1 + fraction;
  }
  Number number{text.substr(0, end), 0, text.substr(end)};
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t from = end + 1;
    const bool sign = from < text.size() && (text[from] == '-' || text[from] == '+');
    if (sign) ++from;
    const std::size_t exponent = digits_at(text, from);
    if (exponent > 0) {
      const std::size_t begin = text[from - 1] == '-' ? from - 1 : from;
      const auto read = std::from_chars(text.data() + begin, text.data() + from + exponent, number.exponent);
      if (read.ec != std::errc() || std::abs(number.exponent) > 10'000) return std::nullopt;
      number.rest = text.substr(from + exponent);
    }
  }
  return number;
}

// mantissa * 10^ten * 2^two. The power of ten goes into the text that is read, so that "7 %" is the double nearest to
// 0.07 and "3.35 TB/s" the one nearest to 3.35e12; multiplying would round twice.
std::optional<double> scaled(const Number& number, int ten, int two) {
  const std::string text = fmt::format("{}e{}", number.mantissa, number.exponent + ten);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  value = std::ldexp(value, two);
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<Quantity> refuse(QuantityError* error, std::string message) {
  if (error != nullptr) error->message = std::move(message);
  return std::nullopt;
}

// Decimal digits of |value| rounded once: 0.d1d2d3... * 10^(exponent + 1).
struct Digits {
  std::string digits;
  int exponent = 0;
};

Digits round_to(double magnitude, int digits) {
  const std::string text = fmt::format("{:.{}e}", magnitude, digits - 1);
  const std::size_t e = text.find('e');
  Digits result;
  for (const char c : text.substr(0, e)) {
    if (is_digit(c)) result.digits += c;
  }
  result.exponent = std::atoi(text.c_str() + e + 1);
  return result;
}

// The figure value / 10^ten, moved by its decimal point alone. Whole digits are never rounded away.
std::string place(double value, int ten, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return "0";
  const double magnitude = std::abs(value);
  Digits rounded = round_to(magnitude, digits);
  int point = rounded.exponent - ten + 1;  // digits before the decimal point
  const std::string sign = value < 0 ? "-" : "";
  if (point > 21 || point < -5) return fmt::format("{}{:.{}e}", sign, magnitude * std::pow(10.0, -ten), digits - 1);
  if (point > digits) {
    rounded = round_to(magnitude, point);
    point = rounded.exponent - ten + 1;
  }
  std::string text = rounded.digits;
  if (point <= 0) {
    text = std::string(static_cast<std::size_t>(1 - point), '0') + text;
    point = 1;
  }
  const auto whole = static_cast<std::size_t>(point);
  if (text.size() < whole) text.append(whole - text.size(), '0');
  if (text.size() == whole) return sign + text;
  return fmt::format("{}{}.{}", sign, text.substr(0, whole), text.substr(whole));
}

int at_least_one(int digits) { return std::clamp(digits, 1, 17); }

}  // namespace

std::optional<Quantity> parse_quantity(std::string_view text, QuantityError* error) {
  const std::string_view trimmed = trim(text);
  const std::string shown = fmt::format("'{}'", clip(escape_terminal(trimmed), 60));
  if (trimmed.empty()) return refuse(error, "empty; a quantity is a number and its unit, like '700 TFLOP/s'");
  const std::optional<Number> number = split_number(trimmed);
  if (!number) {
    return refuse(error, shown + " does not begin with a number; a quantity is like '700 TFLOP/s' or '-5 °C'");
  }
  if (number->rest.starts_with(',') || number->rest.starts_with('_')) {
    return refuse(error, shown + " has grouped digits; write them without separators");
  }
  if (!number->rest.empty() && number->rest.front() == '.') return refuse(error, shown + " has two decimal points");
  if (number->mantissa.ends_with('0') && number->rest.starts_with('x')) {
    return refuse(error, shown + " is hexadecimal; write the number in decimal");
  }
  const std::string_view unit_text = trim(number->rest);
  int ten = 0, two = 0;
  Dimension dimension = Dimension::kNone;
  if (!unit_text.empty()) {
    const UnitEntry* unit = find_unit(unit_text);
    if (unit == nullptr) return refuse(error, unknown_unit_message(unit_text));
    ten = unit->power_of_ten;
    two = unit->power_of_two;
    dimension = unit->dimension;
  }
  const std::optional<double> value = scaled(*number, ten, two);
  if (!value) return refuse(error, shown + " is beyond what a double can hold");
  return Quantity{*value, dimension};
}

std::string_view dimension_name(Dimension dimension) {
  switch (dimension) {
    case Dimension::kNone:
      return "plain number";
    case Dimension::kFlops:
      return "throughput in FLOP/s";
    case Dimension::kBandwidth:
      return "bandwidth in B/s";
    case Dimension::kTokens:
      return "throughput in tokens/s";
    case Dimension::kTime:
      return "time in s";
    case Dimension::kBytes:
      return "size in B";
    case Dimension::kPower:
      return "power in W";
    case Dimension::kTemperature:
      return "temperature in °C";
    case Dimension::kFrequency:
      return "frequency in Hz";
    case Dimension::kRatio:
      return "ratio in %";
    case Dimension::kWon:
      return "money in 원";
    case Dimension::kFlopsPerWon:
      return "throughput per money in FLOP/s/원";
    case Dimension::kBandwidthPerWon:
      return "bandwidth per money in B/s/원";
    case Dimension::kTokensPerWon:
      return "throughput per money in tokens/s/원";
    case Dimension::kTokenCountPerWon:
      return "tokens per money in tokens/원";
  }
  return "unknown dimension";
}

std::string_view canonical_unit(Dimension dimension) {
  switch (dimension) {
    case Dimension::kNone:
      return "";
    case Dimension::kFlops:
      return "FLOP/s";
    case Dimension::kBandwidth:
      return "B/s";
    case Dimension::kTokens:
      return "tokens/s";
    case Dimension::kTime:
      return "s";
    case Dimension::kBytes:
      return "B";
    case Dimension::kPower:
      return "W";
    case Dimension::kTemperature:
      return "°C";
    case Dimension::kFrequency:
      return "Hz";
    case Dimension::kRatio:
      return "";
    case Dimension::kWon:
      return "원";
    case Dimension::kFlopsPerWon:
      return "FLOP/s/원";
    case Dimension::kBandwidthPerWon:
      return "B/s/원";
    case Dimension::kTokensPerWon:
      return "tokens/s/원";
    case Dimension::kTokenCountPerWon:
      return "tokens/원";
  }
  return "";
}

std::string format_quantity(double value, Dimension dimension, int digits) {
  digits = at_least_one(digits);
  const bool finite = std::isfinite(value);
  const int exponent = finite && value != 0 ? round_to(std::abs(value), digits).exponent : 0;
  const UnitEntry* unit = nullptr;
  for (const UnitEntry& step : unit_table()) {
    if (step.dimension != dimension || !step.printed) continue;
    if (unit == nullptr || step.power_of_ten <= exponent) unit = &step;
  }
  if (std::isnan(value)) return "–";
  if (unit == nullptr) return place(value, 0, digits);
  return place(value, unit->power_of_ten, digits) + " " + unit->text;
}

std::string format_in(double value, std::string_view unit_text, int digits) {
  int ten = 0, two = 0;
  if (!unit_text.empty()) {
    const UnitEntry* unit = find_unit(unit_text);
    if (unit == nullptr) throw Error(ErrorCode::kInternal, unknown_unit_message(unit_text));
    ten = unit->power_of_ten;
    two = unit->power_of_two;
  }
  return place(std::ldexp(value, -two), ten, at_least_one(digits));
}

}  // namespace geomsu
