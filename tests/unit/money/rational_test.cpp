#include "harness/money/rational.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/money/working.hpp"

namespace geomsu {
namespace {

Rational read(const char* text) {
  std::string error;
  const auto value = Rational::parse(text, &error);
  EXPECT_TRUE(value) << text << ": " << error;
  return value.value_or(Rational(-999));
}

TEST(Rational, ReadsDecimalTextExactly) {
  EXPECT_EQ(read("0.75/1000"), Rational::of(3, 4000));
  EXPECT_EQ(read("1.3"), Rational::of(13, 10));
  EXPECT_EQ(read("1,380.5"), Rational::of(2761, 2));
  EXPECT_EQ(read("-0.010"), Rational::of(-1, 100));
  EXPECT_EQ(read(" 1 / 3 "), Rational::of(1, 3));
  EXPECT_EQ(read("0"), Rational());
  EXPECT_EQ(read("0.1") + read("0.2"), read("0.3"));
}

TEST(Rational, RefusesWhatIsNoNumber) {
  const std::pair<const char*, const char*> all[] = {
      {"", "missing"},       {"-", "missing"},    {"/3", "missing"},   {"3/", "missing"},        {"3/0", "0 under"},
      {"1e3", "decimal"},    {"0x10", "decimal"}, {"1.", "no digits"}, {".5", "missing"},        {"1,23", "comma"},
      {"1234,567", "comma"}, {"1,2345", "comma"}, {",123", "missing"}, {"007", "begins with 0"}, {"1.5.2", "decimal"},
      {"1/2/3", "decimal"},  {"nan", "missing"},  {"inf", "missing"},  {"+1", "missing"},        {"--1", "missing"},
      {"12 %", "decimal"},
  };
  for (const auto& [text, word] : all) {
    std::string error;
    EXPECT_FALSE(Rational::parse(text, &error)) << text;
    EXPECT_NE(error.find(word), std::string::npos) << text << " said: " << error;
  }
  EXPECT_FALSE(Rational::parse(std::string(61, '9')));
  EXPECT_TRUE(Rational::parse(std::string(60, '9')));
}

TEST(Rational, TakesADoubleAsTheFractionThatItIs) {
  EXPECT_EQ(Rational::exactly(0.5), Rational::of(1, 2));
  EXPECT_NE(Rational::exactly(0.1), Rational::of(1, 10));
  EXPECT_EQ(Rational::exactly(0.1).text(), "0.1000000000000000055511151231257827021181583404541015625");
  EXPECT_EQ(Rational::exactly(-714.25), Rational::of(-2857, 4));
  EXPECT_EQ(Rational::exactly(0x1p62).floor_won(), Won{std::int64_t{1} << 62});
  EXPECT_EQ(Rational::exactly(std::numeric_limits<double>::denorm_min()) * Rational(2).power(1074), Rational(1));
  EXPECT_THROW(Rational::exactly(std::numeric_limits<double>::quiet_NaN()), Error);
  EXPECT_THROW(Rational::exactly(std::numeric_limits<double>::infinity()), Error);
}

TEST(Rational, FloorsTowardMinusInfinity) {
  EXPECT_EQ(Rational::of(7, 2).floor_won(), Won{3});
  EXPECT_EQ(Rational::of(-7, 2).floor_won(), Won{-4});
  EXPECT_EQ(Rational::of(6, 2).floor_won(), Won{3});
  EXPECT_EQ(Rational::of(-6, 2).floor_won(), Won{-3});
  EXPECT_EQ(Rational::of(-1, 1'000'000).floor_won(), Won{-1});
  EXPECT_EQ(Rational().floor_won(), Won{0});
}

TEST(Rational, NeverOverflowsAndIsRefusedOnlyWhereWonEnd) {
  const Rational most(kMostWon);
  const Rational huge = most * most * most / (most * most);
  EXPECT_EQ(huge.floor_won(), kMostWon);
  EXPECT_EQ((most * Rational(9)).floor_won(), Won{9'000'000'000'000'000'000});
  for (const Rational& over : {most * Rational(10), -most * Rational(10)}) {
    try {
      over.floor_won();
      ADD_FAILURE() << over.text();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadData);
      EXPECT_NE(error.message().find("does not fit"), std::string::npos);
    }
  }
  EXPECT_EQ(Rational(std::numeric_limits<std::int64_t>::min()).floor_won().value,
            std::numeric_limits<std::int64_t>::min());
}

TEST(Rational, DividesByZeroOnlyToBeRefused) {
  EXPECT_THROW(Rational(1) / Rational(0), Error);
  EXPECT_THROW(Rational::of(1, 0), Error);
  EXPECT_EQ(Rational::of(1, -2), Rational::of(-1, 2));
}

TEST(Rational, PrintsWhatItReadsBack) {
  EXPECT_EQ(Rational::of(2761, 2).text(), "1,380.5");
  EXPECT_EQ(Rational::of(1, 3).text(), "1/3");
  EXPECT_EQ(Rational::of(-1, 8).text(), "-0.125");
  EXPECT_EQ(Rational(1'000'000).text(), "1,000,000");
  EXPECT_EQ(Rational(-999).text(), "-999");
  EXPECT_EQ(Rational::of(1, 3).text_down(4), "0.3333");
  EXPECT_EQ(Rational::of(1, 3).text_up(4), "0.3334");
  EXPECT_EQ(Rational::of(-1, 3).text_down(2), "-0.34");
  EXPECT_EQ(Rational(5).text_up(2), "5.00");
  std::mt19937_64 random(11);
  for (int i = 0; i < 3000; ++i) {
    const auto top = static_cast<std::int64_t>(random()) >> (random() % 60);
    const auto bottom = static_cast<std::int64_t>(random() >> (1 + random() % 62)) + 1;
    const Rational value = Rational::of(top, bottom);
    EXPECT_EQ(Rational::parse(value.text()), value) << value.text();
    EXPECT_LE(read(value.text_down(3).c_str()), value);
    EXPECT_GE(read(value.text_up(3).c_str()), value);
    EXPECT_LT(value - Rational(value.floor_won()), Rational(1));
    EXPECT_GE(value, Rational(value.floor_won()));
  }
}

TEST(Rational, KeepsTheLawsOfFractions) {
  std::mt19937_64 random(7);
  const auto any = [&] {
    return Rational::of(static_cast<std::int64_t>(random() % 2'000'001) - 1'000'000,
                        static_cast<std::int64_t>(random() % 9999) + 1);
  };
  for (int i = 0; i < 1000; ++i) {
    const Rational a = any(), b = any(), c = any();
    EXPECT_EQ((a + b) + c, a + (b + c));
    EXPECT_EQ(a * (b + c), a * b + a * c);
    EXPECT_EQ(a - b, -(b - a));
    if (b.sign() != 0) {
      EXPECT_EQ(a / b * b, a);
    }
    EXPECT_EQ(a<b, (b - a).sign()> 0);
    EXPECT_EQ(a.power(3), a * a * a);
  }
}

TEST(Working, SaysHowAnAmountCameAbout) {
  const Working rate = Working::as_written(Rational::of(3, 4000), "0.75/1000");
  const Working due = (Working(Won{1'000'000}) - Working(Won{1})) * rate * Working(std::int64_t{12});
  EXPECT_EQ(due.text(), "(1,000,000 − 1) × 0.75 ÷ 1000 × 12");
  EXPECT_EQ(due.floor().text(), "floor((1,000,000 − 1) × 0.75 ÷ 1000 × 12)");
  EXPECT_EQ(due.floor().value(), Rational(8999));
  EXPECT_EQ(Working::least(due.floor(), Working(std::int64_t{5})).text(),
            "min(floor((1,000,000 − 1) × 0.75 ÷ 1000 × 12), 5)");
  EXPECT_EQ((Working(std::int64_t{6}) / (Working(std::int64_t{1}) + Working(Rational::of(1, 2))).power(2)).text(),
            "6 ÷ (1 + 0.5)^2");
  EXPECT_EQ((Working(std::int64_t{6}) / rate).text(), "6 ÷ (0.75 ÷ 1000)");
  EXPECT_EQ((Working(std::int64_t{2}) * Working(Rational(-3))).text(), "2 × (-3)");
  EXPECT_EQ(Working(Rational::of(1, 3)).text(), "1 ÷ 3");
}

TEST(Working, DoesNotShowATextThatIsAnotherNumber) {
  EXPECT_EQ(Working::as_written(Rational::of(1, 2), "0.6").text(), "0.5");
  EXPECT_EQ(Working::as_written(Rational::of(1, 2), "half").text(), "0.5");
}

}  // namespace
}  // namespace geomsu
