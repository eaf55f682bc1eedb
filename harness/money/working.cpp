#include "harness/money/working.hpp"

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

std::string product_text(const Rational& value) {
  std::string text = value.text();
  if (const std::size_t stroke = text.find('/'); stroke != std::string::npos) text.replace(stroke, 1, " ÷ ");
  return text;
}

}  // namespace

Working::Working(const Rational& value) : value_(value), text_(product_text(value)) {
  if (text_.find("÷") != std::string::npos) level_ = Level::kProduct;
  if (value.sign() < 0) level_ = Level::kSum;
}

Working Working::as_written(const Rational& value, const std::string& text) {
  const std::optional<Rational> read = Rational::parse(text);
  if (!read || *read != value) return Working(value);
  const std::size_t stroke = text.find('/');
  if (stroke == std::string::npos) return Working(value, text, value.sign() < 0 ? Level::kSum : Level::kAtom);
  return Working(value, text.substr(0, stroke) + " ÷ " + text.substr(stroke + 1), Level::kProduct);
}

std::string Working::within(Level most) const { return level_ > most ? "(" + text_ + ")" : text_; }

Working operator+(const Working& a, const Working& b) {
  return {a.value_ + b.value_, a.text_ + " + " + b.within(Working::Level::kProduct), Working::Level::kSum};
}
Working operator-(const Working& a, const Working& b) {
  return {a.value_ - b.value_, a.text_ + " − " + b.within(Working::Level::kProduct), Working::Level::kSum};
}
Working operator*(const Working& a, const Working& b) {
  // a × (b ÷ c) is a × b ÷ c: exact fractions do not care, and it is what a calculator takes.
  return {a.value_ * b.value_, a.within(Working::Level::kProduct) + " × " + b.within(Working::Level::kProduct),
          Working::Level::kProduct};
}
Working operator/(const Working& a, const Working& b) {
  return {a.value_ / b.value_, a.within(Working::Level::kProduct) + " ÷ " + b.within(Working::Level::kAtom),
          Working::Level::kProduct};
}
Working Working::power(unsigned exponent) const {
  return {value_.power(exponent), within(Level::kAtom) + "^" + std::to_string(exponent), Level::kAtom};
}
Working Working::floor() const { return {value_.floor(), "floor(" + text_ + ")", Level::kAtom}; }
Working Working::least(const Working& a, const Working& b) {
  return {a.value_ < b.value_ ? a.value_ : b.value_, "min(" + a.text_ + ", " + b.text_ + ")", Level::kAtom};
}

}  // namespace geomsu
