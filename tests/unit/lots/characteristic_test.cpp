#include "harness/stats/characteristic.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "harness/stats/hypergeometric.hpp"

namespace geomsu::stats {
namespace {

CharacteristicAt single(std::uint32_t lot, std::uint32_t n, std::int64_t ac) {
  return [=](std::uint32_t bad) { return CharacteristicPoint{bad, hypergeometric_cdf({lot, bad, n}, ac), {}}; };
}

TEST(Characteristic, GoesFromCertaintyToWhatIsHardlyEverAccepted) {
  const auto points = characteristic(510, single(510, 80, 2));
  EXPECT_EQ(points.front().nonconforming, 0u);
  EXPECT_EQ(points.front().accepted, 1);
  EXPECT_LE(points.back().accepted, 1e-4);
  EXPECT_GT(points[points.size() - 2].accepted, 1e-4);
  for (std::size_t i = 1; i < points.size(); ++i) {
    EXPECT_EQ(points[i].nonconforming, i);
    EXPECT_LT(points[i].accepted, points[i - 1].accepted + 1e-15);
  }
  EXPECT_NEAR(points[26].accepted, .195, 5e-4);
}

TEST(Characteristic, ThinsALongOneAndKeepsWhatIsAskedFor) {
  const std::uint32_t always[] = {77, 4001, 999'999};
  const auto points = characteristic(65'000, single(65'000, 80, 2), always);
  EXPECT_LE(points.size(), 132u);
  std::size_t found = 0;
  for (const auto& point : points) {
    found += point.nonconforming == 77 || point.nonconforming == 4001 ? 1 : 0;
    EXPECT_NEAR(point.accepted, hypergeometric_cdf({65'000, point.nonconforming, 80}, 2), 1e-11);
  }
  EXPECT_EQ(found, 2u);
  EXPECT_EQ(points.back().nonconforming, 65'000u);  // beyond the lot is the lot
}

TEST(Characteristic, FindsTheFewestThatAreSoRarelyAccepted) {
  const auto at = single(510, 80, 2);
  const auto ten = least_accepted_within(510, at, 0.1);
  ASSERT_TRUE(ten);
  EXPECT_LE(at(*ten).accepted, 0.1);
  EXPECT_GT(at(*ten - 1).accepted, 0.1);
  EXPECT_EQ(least_accepted_within(510, at, 1), 0u);
  EXPECT_FALSE(least_accepted_within(
      10,
      [](std::uint32_t bad) {
        return CharacteristicPoint{bad, 1, {}};
      },
      0.5));
}

TEST(CharacteristicEdge, OfOneItemHasTwoPointsAndOfAPlanThatAcceptsAllTheWholeLot) {
  EXPECT_EQ(characteristic(1, single(1, 1, 0)).size(), 2u);
  EXPECT_EQ(characteristic(10, single(10, 1, 1)).back().nonconforming, 10u);
  EXPECT_EQ(characteristic(0, single(0, 0, 0)).size(), 1u);
}

TEST(TwelveDigits, RoundAndLeaveTheRest) {
  EXPECT_EQ(twelve_digits(0.1234567890123456), 0.123456789012);
  EXPECT_EQ(twelve_digits(1), 1);
  EXPECT_EQ(twelve_digits(0), 0);
  EXPECT_EQ(twelve_digits(1e-300), 1e-300);
  EXPECT_TRUE(std::isnan(twelve_digits(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(std::isinf(twelve_digits(std::numeric_limits<double>::infinity())));
}

}  // namespace
}  // namespace geomsu::stats
