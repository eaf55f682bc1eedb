// Exact fractions of whole numbers without a limit of size: rates, prices, energies. Nothing is rounded before somebody
// asks for whole won, and then by a named rule.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/money/won.hpp"

namespace geomsu {

// A value that never changes, so that copies share it. Boost.Multiprecision is behind it and in rational.cpp alone.
class Rational {
 public:
  Rational();                    // 0
  Rational(std::int64_t whole);  // NOLINT(google-explicit-constructor): a whole number is a fraction
  Rational(Won won);             // NOLINT(google-explicit-constructor)

  // numerator / denominator. Error kBadData where the denominator is 0.
  static Rational of(std::int64_t numerator, std::int64_t denominator);
  // "1.3", "1,380.5", "-2", "0.75/1000": decimal digits, commas at every third or nowhere, one / at most. No exponent.
  // Nothing for another form, for a 0 under the /, or over kMostDigits digits; the reason in *error (which may be
  // null).
  static std::optional<Rational> parse(std::string_view text, std::string* error = nullptr);
  // The very value of a double, which is a fraction over a power of two. Error kBadData for NaN and infinity.
  static Rational exactly(double value);

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  friend Rational operator/(const Rational& a, const Rational& b);  // Error kBadData where b is 0
  friend bool operator==(const Rational& a, const Rational& b);
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);
  Rational operator-() const;
  Rational power(unsigned exponent) const;

  int sign() const;  // -1, 0, 1
  bool whole() const;
  Rational floor() const;  // toward minus infinity
  // floor() as won. Error kBadData where it leaves 64 bits.
  Won floor_won() const;

  // Exact: "1,380.5" where the decimals end within 60 places, else "1/3". parse() reads both back.
  std::string text() const;
  // With that many decimals, rounded toward minus (down) or plus infinity (up). parse() reads it.
  std::string text_down(unsigned decimals) const;
  std::string text_up(unsigned decimals) const;

  static constexpr std::size_t kMostDigits = 60;

 private:
  struct Parts;
  explicit Rational(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

}  // namespace geomsu
