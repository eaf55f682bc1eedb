#include "harness/money/rational.hpp"

#include <cmath>
#include <limits>

#include <boost/multiprecision/cpp_int.hpp>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"

namespace geomsu {
namespace {

using Big = boost::multiprecision::cpp_int;
constexpr unsigned kMostDecimals = 60;

Big ten_to(unsigned power) { return boost::multiprecision::pow(Big(10), power); }

// Toward minus infinity; cpp_int itself divides toward zero.
Big floor_of(const Big& numerator, const Big& denominator) {
  Big quotient, rest;
  boost::multiprecision::divide_qr(numerator, denominator, quotient, rest);
  if (rest < 0) --quotient;
  return quotient;
}

std::string grouped(std::string digits) {
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

// units / 10^decimals.
std::string decimal_text(const Big& units, unsigned decimals) {
  const Big size = abs(units);
  const Big scale = ten_to(decimals);
  std::string out = (units < 0 ? "-" : "") + grouped(Big(size / scale).str());
  if (decimals == 0) return out;
  const std::string rest = Big(size % scale).str();
  return out + "." + std::string(decimals - rest.size(), '0') + rest;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Decimal {
  Big digits;
  unsigned decimals = 0;
};

// The words of the refusal, or none.
std::string read_decimal(std::string_view text, Decimal& out) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  if (whole.empty() || !is_digit(whole.front())) return "a number is missing";
  std::string digits;
  const bool commas = whole.find(',') != std::string_view::npos;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const bool wants_comma = commas && (whole.size() - i) % 4 == 0;
    if (wants_comma ? whole[i] != ',' : !is_digit(whole[i])) {
      return whole[i] == ',' || wants_comma ? "a comma is in the wrong place" : "it is not written in decimal digits";
    }
    if (!wants_comma) digits += whole[i];
  }
  if (digits.size() > 1 && digits.front() == '0') return "a number begins with 0";
  if (point < text.size()) {
    const std::string_view rest = text.substr(point + 1);
    if (rest.empty()) return "a decimal point has no digits after it";
    for (const char c : rest) {
      if (!is_digit(c)) return "it is not written in decimal digits";
    }
    digits += rest;
    out.decimals = static_cast<unsigned>(rest.size());
  }
  if (digits.size() > Rational::kMostDigits) return "it has more than 60 digits";
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);  // 010 would be octal
  out.digits = Big(digits.substr(first));
  return {};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

struct Rational::Parts {
  Big top = 0, bottom = 1;  // bottom > 0, no common factor

  static std::shared_ptr<const Parts> make(Big top, Big bottom) {
    if (bottom == 0) {
      throw Error(ErrorCode::kBadData, "a division by zero in an amount of money", {}, "check counts and rates");
    }
    if (bottom < 0) {
      top = -top;
      bottom = -bottom;
    }
    const Big common = gcd(top, bottom);
    return std::make_shared<const Parts>(Parts{top / common, bottom / common});
  }
};

Rational::Rational() : Rational(std::int64_t{0}) {}
Rational::Rational(std::int64_t whole) : parts_(std::make_shared<const Parts>(Parts{Big(whole), Big(1)})) {}
Rational::Rational(Won won) : Rational(won.value) {}

Rational Rational::of(std::int64_t numerator, std::int64_t denominator) {
  return Rational(Parts::make(Big(numerator), Big(denominator)));
}

std::optional<Rational> Rational::parse(std::string_view text, std::string* error) {
  std::string_view rest = trimmed(text);
  const bool minus = rest.starts_with('-');
  if (minus) rest.remove_prefix(1);
  const std::size_t stroke = rest.find('/');
  Decimal top, bottom{Big(1), 0};
  std::string refused = read_decimal(trimmed(rest.substr(0, stroke)), top);
  if (refused.empty() && stroke != std::string_view::npos) {
    refused = read_decimal(trimmed(rest.substr(stroke + 1)), bottom);
    if (refused.empty() && bottom.digits == 0) refused = "there is a 0 under the /";
  }
  if (refused.empty()) {
    Big numerator = top.digits * ten_to(bottom.decimals);
    if (minus) numerator = -numerator;
    return Rational(Parts::make(std::move(numerator), bottom.digits * ten_to(top.decimals)));
  }
  if (error != nullptr) *error = "'" + clip(escape_terminal(text), 60) + "' is no number: " + refused;
  return std::nullopt;
}

Rational Rational::exactly(double value) {
  if (!std::isfinite(value)) {
    throw Error(ErrorCode::kBadData, "a figure that is no finite number cannot stand in an amount of money", {},
                "look for its trial's outcome");
  }
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  constexpr int kBits = std::numeric_limits<double>::digits;
  Big top(static_cast<std::int64_t>(std::ldexp(fraction, kBits)));
  Big bottom(1);
  exponent -= kBits;
  (exponent > 0 ? top : bottom) <<= static_cast<unsigned>(std::abs(exponent));
  return Rational(Parts::make(std::move(top), std::move(bottom)));
}

Rational operator+(const Rational& a, const Rational& b) {
  return Rational(Rational::Parts::make(a.parts_->top * b.parts_->bottom + b.parts_->top * a.parts_->bottom,
                                        a.parts_->bottom * b.parts_->bottom));
}
Rational operator-(const Rational& a, const Rational& b) { return a + -b; }
Rational operator*(const Rational& a, const Rational& b) {
  return Rational(Rational::Parts::make(a.parts_->top * b.parts_->top, a.parts_->bottom * b.parts_->bottom));
}
Rational operator/(const Rational& a, const Rational& b) {
  return Rational(Rational::Parts::make(a.parts_->top * b.parts_->bottom, a.parts_->bottom * b.parts_->top));
}
bool operator==(const Rational& a, const Rational& b) {
  return a.parts_->top == b.parts_->top && a.parts_->bottom == b.parts_->bottom;
}
std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
  const int order = Big(a.parts_->top * b.parts_->bottom).compare(Big(b.parts_->top * a.parts_->bottom));
  return order <=> 0;
}
Rational Rational::operator-() const { return Rational(Parts::make(-parts_->top, parts_->bottom)); }
Rational Rational::power(unsigned exponent) const {
  return Rational(Parts::make(boost::multiprecision::pow(parts_->top, exponent),
                              boost::multiprecision::pow(parts_->bottom, exponent)));
}

int Rational::sign() const { return parts_->top.sign(); }
bool Rational::whole() const { return parts_->bottom == 1; }
Rational Rational::floor() const { return Rational(Parts::make(floor_of(parts_->top, parts_->bottom), Big(1))); }

Won Rational::floor_won() const {
  const Big won = floor_of(parts_->top, parts_->bottom);
  if (won > std::numeric_limits<std::int64_t>::max() || won < std::numeric_limits<std::int64_t>::min()) {
    throw Error(ErrorCode::kBadData, "an amount of " + decimal_text(won, 0) + " won does not fit 64 bits", {},
                "check the amounts and counts");
  }
  return Won{static_cast<std::int64_t>(won)};
}

std::string Rational::text() const {
  for (unsigned decimals = 0; decimals <= kMostDecimals; ++decimals) {
    const Big scaled = parts_->top * ten_to(decimals);
    if (scaled % parts_->bottom == 0) return decimal_text(scaled / parts_->bottom, decimals);
  }
  return decimal_text(parts_->top, 0) + "/" + decimal_text(parts_->bottom, 0);
}

std::string Rational::text_down(unsigned decimals) const {
  return decimal_text(floor_of(parts_->top * ten_to(decimals), parts_->bottom), decimals);
}
std::string Rational::text_up(unsigned decimals) const {
  return decimal_text(-floor_of(-parts_->top * ten_to(decimals), parts_->bottom), decimals);
}

}  // namespace geomsu
