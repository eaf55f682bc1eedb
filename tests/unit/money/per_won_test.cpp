#include "harness/money/per_won.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(PerWon, DividesTheFigureByThePrice) {
  EXPECT_EQ(per_won(1.762e15, Won{100'000'000}), 1.762e7);
  EXPECT_TRUE(std::isnan(per_won(kNan, Won{1})));
}

TEST(PerWon, RefusesAPriceThatIsNone) {
  EXPECT_THROW(per_won(1, Won{0}), Error);
  EXPECT_THROW(per_won(1, Won{-1}), Error);
}

TEST(BreakEvenPrice, IsTheFloorOfTheQuotient) {
  EXPECT_EQ(break_even_price(7, 2), Won{3});
  EXPECT_EQ(break_even_price(6, 2), Won{3});
  EXPECT_EQ(break_even_price(1, 1), Won{1});
  EXPECT_EQ(break_even_price(2e15, 1.6e7), Won{125'000'000});
}

TEST(BreakEvenPrice, DoesNotRoundUpToAPriceThatMissesTheBar) {
  // Both quotients are under the whole number to which a division of doubles rounds them.
  const double above_one = std::nextafter(1.0, 2.0);
  ASSERT_EQ(4e15 / above_one, 4e15 - 1);
  ASSERT_EQ(9e17 / above_one, 9e17 - 256);
  EXPECT_EQ(break_even_price(4e15, above_one), Won{3'999'999'999'999'999});
  EXPECT_EQ(break_even_price(9e17, above_one), Won{899'999'999'999'999'800});
  const double bar = 0.1;  // a little above a tenth
  ASSERT_EQ(2e14 / bar, 2e15);
  EXPECT_EQ(break_even_price(2e14, bar), Won{1'999'999'999'999'999});
}

TEST(BreakEvenPrice, AgreesWithPerWonAtItAndAboveIt) {
  std::mt19937_64 random(17);
  const auto any = [&] {
    return std::ldexp(1.0 + static_cast<double>(random() >> 12) * 0x1p-52, static_cast<int>(random() % 40));
  };
  int tested = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double figure = any() * 1e6, bar = any();
    const auto price = break_even_price(figure, bar);
    if (!price || price->value > (std::int64_t{1} << 53)) continue;
    ++tested;
    EXPECT_GE(per_won(figure, *price), bar);
    EXPECT_LE(per_won(figure, *price + Won{1}), bar);
  }
  EXPECT_GT(tested, 10'000);
}

TEST(BreakEvenPrice, IsExactAtTheTopOfItsRange) {
  EXPECT_EQ(break_even_price(1e18, 1), kMostWon);
  EXPECT_FALSE(break_even_price(std::nextafter(1e18, kInf), 1));
  EXPECT_EQ(break_even_price(9e17, 0.9375), Won{960'000'000'000'000'000});
  EXPECT_EQ(break_even_price(9e17, 3), Won{300'000'000'000'000'000});
  // The quotient of these doubles is above 2^53, where a double division could not give every integer.
  EXPECT_EQ(break_even_price(1e18, 7), Won{142'857'142'857'142'857});
}

TEST(BreakEvenPriceEdges, GiveNothingForWhatIsNoPrice) {
  for (const double odd : {0.0, -1.0, kNan, kInf, -kInf}) {
    EXPECT_FALSE(break_even_price(odd, 1)) << odd;
    EXPECT_FALSE(break_even_price(1, odd)) << odd;
  }
  EXPECT_FALSE(break_even_price(1, 2));  // under one won
  EXPECT_FALSE(break_even_price(std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()));
  EXPECT_FALSE(break_even_price(std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min()));
  EXPECT_EQ(
      break_even_price(std::numeric_limits<double>::denorm_min() * 6, std::numeric_limits<double>::denorm_min() * 2),
      Won{3});
}

}  // namespace
}  // namespace geomsu
