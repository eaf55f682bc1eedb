// An amount together with how it came about: value and text are made by the same step, so that whoever types the text
// into a pocket calculator gets the value.
#pragma once

#include <string>

#include "harness/money/rational.hpp"

namespace geomsu {

// The text holds digits, commas, + − × ÷ ( ), x^n, floor( ) toward minus infinity, and min(a, b).
class Working {
 public:
  Working() : Working(Rational(0)) {}
  Working(const Rational& value);                            // NOLINT(google-explicit-constructor): as text() prints it
  Working(std::int64_t whole) : Working(Rational(whole)) {}  // NOLINT(google-explicit-constructor)
  Working(Won won) : Working(Rational(won)) {}               // NOLINT(google-explicit-constructor)
  // A number that is printed as its writer wrote it: "0.75/1000". The text must read back to the value.
  static Working as_written(const Rational& value, const std::string& text);

  friend Working operator+(const Working& a, const Working& b);
  friend Working operator-(const Working& a, const Working& b);
  friend Working operator*(const Working& a, const Working& b);
  friend Working operator/(const Working& a, const Working& b);
  Working power(unsigned exponent) const;
  Working floor() const;
  static Working least(const Working& a, const Working& b);

  const Rational& value() const { return value_; }
  const std::string& text() const { return text_; }

 private:
  enum class Level { kAtom, kProduct, kSum };
  Working(Rational value, std::string text, Level level)
      : value_(std::move(value)), text_(std::move(text)), level_(level) {}
  std::string within(Level most) const;  // in parentheses where it binds less tightly

  Rational value_;
  std::string text_;
  Level level_ = Level::kAtom;
};

}  // namespace geomsu
