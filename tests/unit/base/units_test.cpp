#include "harness/base/units.hpp"

#include <clocale>
#include <cmath>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/base/unit_table.hpp"

namespace geomsu {
namespace {

using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

struct Reading {
  const char* text;
  double value;
  Dimension dimension;
};

TEST(ParseQuantity, ReadsEveryUnitOfAContract) {
  const Reading all[] = {
      {"700 TFLOP/s", 700e12, Dimension::kFlops},
      {"1EFLOP/s", 1e18, Dimension::kFlops},
      {"1 EFLOP/s", 1e18, Dimension::kFlops},
      {"1E3 FLOP/s", 1e3, Dimension::kFlops},
      {"1e3EFLOP/s", 1e21, Dimension::kFlops},
      {"5 kFLOP/s", 5e3, Dimension::kFlops},
      {"5 MFLOP/s", 5e6, Dimension::kFlops},
      {"5 PFLOP/s", 5e15, Dimension::kFlops},
      {"1979 TOP/s", 1979e12, Dimension::kFlops},
      {"3.35 TB/s", 3.35e12, Dimension::kBandwidth},
      {"1e3 GB/s", 1e12, Dimension::kBandwidth},
      {"5 kB/s", 5e3, Dimension::kBandwidth},
      {"1 GiB/s", 1073741824.0, Dimension::kBandwidth},
      {"1.5 TiB/s", 1.5 * 1099511627776.0, Dimension::kBandwidth},
      {"1200 tokens/s", 1200, Dimension::kTokens},
      {"300 s", 300, Dimension::kTime},
      {"500 ms", 0.5, Dimension::kTime},
      {"7 us", 7e-6, Dimension::kTime},
      {"3 ns", 3e-9, Dimension::kTime},
      {"80 GB", 80e9, Dimension::kBytes},
      {"80 GiB", 80 * 1073741824.0, Dimension::kBytes},
      {"64 KiB", 65536, Dimension::kBytes},
      {"1 B", 1, Dimension::kBytes},
      {"700 W", 700, Dimension::kPower},
      {"14.3 kW", 14300, Dimension::kPower},
      {"-5 °C", -5, Dimension::kTemperature},
      {"1.98 GHz", 1.98e9, Dimension::kFrequency},
      {"2 MHz", 2e6, Dimension::kFrequency},
      {"95 %", 0.95, Dimension::kRatio},
      {"5%", 0.05, Dimension::kRatio},
      {"62000000 원", 62e6, Dimension::kWon},
      {"6200 만원", 62e6, Dimension::kWon},
      {"1.5억원", 1.5e8, Dimension::kWon},
      {"1.459 조원", 1.459e12, Dimension::kWon},
      {"1762 TFLOP/s/억원", 1762e4, Dimension::kFlopsPerWon},
      {"1 FLOP/s/원", 1, Dimension::kFlopsPerWon},
      {"1 GFLOP/s/만원", 1e5, Dimension::kFlopsPerWon},
      {"1 EFLOP/s/조원", 1e6, Dimension::kFlopsPerWon},
      {"3 GB/s/억원", 30, Dimension::kBandwidthPerWon},
      {"3 tokens/s/억원", 3e-8, Dimension::kTokensPerWon},
      {"3 tokens/원", 3, Dimension::kTokenCountPerWon},
      {"42", 42, Dimension::kNone},
      {"-0.5", -0.5, Dimension::kNone},
      {" \t8 ", 8, Dimension::kNone},
  };
  for (const Reading& one : all) {
    QuantityError error;
    const auto read = parse_quantity(one.text, &error);
    ASSERT_TRUE(read) << one.text << ": " << error.message;
    EXPECT_EQ(read->value, one.value) << one.text;
    EXPECT_EQ(read->dimension, one.dimension) << one.text;
  }
}

TEST(ParseQuantity, RoundsOnceSoThatAPercentageIsTheDoubleNearestToIt) {
  for (int i = 0; i < 1000; ++i) {
    const std::string thousandths = "0." + std::string(i < 10 ? "00" : (i < 100 ? "0" : "")) + std::to_string(i);
    const std::string tenths_of_percent = std::to_string(i / 10) + "." + std::to_string(i % 10) + " %";
    EXPECT_EQ(parse_quantity(tenths_of_percent, nullptr)->value, std::stod(thousandths)) << tenths_of_percent;
  }
  EXPECT_NE(0.57, 57 * 0.01);  // what multiplying would give
}

TEST(ParseQuantity, ReadsTheTextOfEveryUnitOfTheTable) {
  for (const UnitEntry& unit : unit_table()) {
    const auto read = parse_quantity("1 " + unit.text, nullptr);
    ASSERT_TRUE(read) << unit.text;
    EXPECT_EQ(read->dimension, unit.dimension);
    EXPECT_EQ(find_unit(unit.text), &unit) << "two units of one text: " << unit.text;
    EXPECT_EQ(format_in(read->value, unit.text, 1), "1") << unit.text;
  }
}

TEST(ParseQuantity, RefusesWithTheReason) {
  const std::pair<const char*, const char*> all[] = {
      {"", "empty"},
      {"   ", "empty"},
      {"TFLOP/s", "does not begin with a number"},
      {"+5 W", "does not begin with a number"},
      {".5 W", "does not begin with a number"},
      {"5. W", "does not begin with a number"},
      {"- 5 W", "does not begin with a number"},
      {"--5 W", "does not begin with a number"},
      {"nan W", "does not begin with a number"},
      {"inf", "does not begin with a number"},
      {"-inf", "does not begin with a number"},
      {"0x10 W", "hexadecimal"},
      {"62,000,000 원", "separators"},
      {"62_000", "separators"},
      {"1.2.3 W", "two decimal points"},
      {"1e999 W", "beyond"},
      {"1e-999 W", "beyond"},
      {"9e307 TFLOP/s", "beyond"},
      {"1e308 TiB", "beyond"},
      {"1e99999999999 W", "does not begin with a number"},
      {"5 W W", "unknown unit 'W W'"},
      {"5 W/s", "unknown unit"},
      {"700 TFLOPS", "did you mean 'TFLOP/s'?"},
      {"700 TFlop/s", "did you mean 'TFLOP/s'?"},
      {"700 TFLOPs", "did you mean 'TFLOP/s'?"},
      {"700 TOPS", "did you mean 'TOP/s'?"},
      {"700 KB/s", "did you mean 'kB/s'?"},
      {"3 GBs", "did you mean 'GB/s'?"},
      {"3 GBit/s", "unknown unit"},
      {"3 Gb/s", "in bytes"},
      {"3 Gbps", "in bytes"},
      {"3 Gbit/s", "in bytes"},
      {"5 C", "did you mean '°C'?"},
      {"5 ℃", "did you mean '°C'?"},
      {"5 µs", "did you mean 'us'?"},
      {"5 sec", "did you mean 's'?"},
      {"5 KRW", "did you mean '원'?"},
      {"5 억", "did you mean '억원'?"},
      {"5 token/s", "did you mean 'tokens/s'?"},
      {"5 TFLOPS/억원", "did you mean 'TFLOP/s/억원'?"},
      {"5 TFLOP/s/억", "did you mean 'TFLOP/s/억원'?"},
      {"5 bananas", "units are like"},
  };
  for (const auto& [text, words] : all) {
    QuantityError error;
    EXPECT_FALSE(parse_quantity(text, &error)) << text;
    EXPECT_THAT(error.message, HasSubstr(words)) << text;
    EXPECT_FALSE(parse_quantity(text, nullptr)) << text;
  }
}

TEST(ParseQuantity, ShowsWhatItRefusesWithoutItsControlCharacters) {
  QuantityError error;
  EXPECT_FALSE(parse_quantity("5 \x1b[2J", &error));
  EXPECT_EQ(error.message.find('\x1b'), std::string::npos);
  EXPECT_FALSE(parse_quantity(std::string(100'000, 'x'), &error));
  EXPECT_LT(error.message.size(), 300u);
  EXPECT_FALSE(parse_quantity("5 " + std::string(100'000, 'x'), &error));
  EXPECT_LT(error.message.size(), 300u);
}

TEST(FormatQuantity, ChoosesThePrefixThatLeavesOneToThreeDigitsBeforeThePoint) {
  EXPECT_EQ(format_quantity(141.2e9, Dimension::kFlops), "141.2 GFLOP/s");
  EXPECT_EQ(format_quantity(1.5e12, Dimension::kFlops), "1.500 TFLOP/s");
  EXPECT_EQ(format_quantity(999.94e9, Dimension::kFlops), "999.9 GFLOP/s");
  EXPECT_EQ(format_quantity(999.96e9, Dimension::kFlops), "1.000 TFLOP/s");  // not "1000 GFLOP/s"
  EXPECT_EQ(format_quantity(0.5, Dimension::kFlops), "0.5000 FLOP/s");
  EXPECT_EQ(format_quantity(2.5e22, Dimension::kFlops), "25000 EFLOP/s");
  EXPECT_EQ(format_quantity(3.35e12, Dimension::kBandwidth, 3), "3.35 TB/s");
  EXPECT_EQ(format_quantity(0.0123, Dimension::kTime), "12.30 ms");
  EXPECT_EQ(format_quantity(1e-10, Dimension::kTime), "0.1000 ns");
  EXPECT_EQ(format_quantity(90, Dimension::kTime), "90.00 s");
  EXPECT_EQ(format_quantity(80e9, Dimension::kBytes, 2), "80 GB");
  EXPECT_EQ(format_quantity(14300, Dimension::kPower), "14.30 kW");
  EXPECT_EQ(format_quantity(-5, Dimension::kTemperature, 2), "-5.0 °C");
  EXPECT_EQ(format_quantity(1.98e9, Dimension::kFrequency, 3), "1.98 GHz");
  EXPECT_EQ(format_quantity(0.95, Dimension::kRatio, 3), "95.0 %");
  EXPECT_EQ(format_quantity(1.5e8, Dimension::kWon, 3), "1.50 억원");
  EXPECT_EQ(format_quantity(1762e4, Dimension::kFlopsPerWon), "1.762 PFLOP/s/억원");
  EXPECT_EQ(format_quantity(30, Dimension::kBandwidthPerWon, 2), "3.0 GB/s/억원");
  EXPECT_EQ(format_quantity(3e-8, Dimension::kTokensPerWon, 2), "3.0 tokens/s/억원");
  EXPECT_EQ(format_quantity(12.5, Dimension::kTokenCountPerWon, 3), "12.5 tokens/원");
  EXPECT_EQ(format_quantity(3.14159, Dimension::kNone), "3.142");
}

TEST(FormatQuantity, SaysWhatHasNoValue) {
  EXPECT_EQ(format_quantity(kNan, Dimension::kFlops), "–");
  EXPECT_EQ(format_quantity(kInf, Dimension::kFlops), "inf FLOP/s");
  EXPECT_EQ(format_quantity(-kInf, Dimension::kNone), "-inf");
  EXPECT_EQ(format_quantity(0, Dimension::kFlops), "0 FLOP/s");
  EXPECT_EQ(format_quantity(-0.0, Dimension::kNone), "0");
}

TEST(FormatQuantity, HoldsForTheSmallestAndTheLargestDouble) {
  EXPECT_EQ(format_quantity(5e-324, Dimension::kFlops, 3), "4.94e-324 FLOP/s");
  EXPECT_EQ(format_quantity(1.7976931348623157e308, Dimension::kNone, 3), "1.80e+308");
  EXPECT_EQ(format_quantity(1.0, Dimension::kNone, 0), "1");
  EXPECT_EQ(format_quantity(1.0, Dimension::kNone, -3), "1");
}

TEST(FormatQuantity, ReadsBackToWithinItsDigits) {
  for (const double value : {1.0, 2.5e3, 7.77e9, 1.23456789e12, 9.999e17, 4.2e-3}) {
    for (const Dimension dimension :
         {Dimension::kNone, Dimension::kFlops, Dimension::kBandwidth, Dimension::kTokens, Dimension::kTime,
          Dimension::kBytes, Dimension::kPower, Dimension::kTemperature, Dimension::kFrequency, Dimension::kRatio,
          Dimension::kWon, Dimension::kFlopsPerWon, Dimension::kBandwidthPerWon, Dimension::kTokensPerWon,
          Dimension::kTokenCountPerWon}) {
      const std::string text = format_quantity(value, dimension, 6);
      QuantityError error;
      const auto read = parse_quantity(text, &error);
      ASSERT_TRUE(read) << text << " " << error.message;
      EXPECT_EQ(read->dimension, dimension) << text;
      EXPECT_NEAR(read->value / value, 1, 5e-6) << text;
    }
  }
}

TEST(FormatIn, PutsABarAndAMeasurementInOneUnit) {
  EXPECT_EQ(format_in(1.4e11, "GFLOP/s"), "140.0");
  EXPECT_EQ(format_in(1.4e12, "GFLOP/s"), "1400");
  EXPECT_EQ(format_in(123456.7e9, "GFLOP/s"), "123457");  // whole digits are never rounded away
  EXPECT_EQ(format_in(1.4e7, "GFLOP/s"), "0.01400");
  EXPECT_EQ(format_in(1073741824.0, "GiB"), "1.000");
  EXPECT_EQ(format_in(0.07, "%", 2), "7.0");
  EXPECT_EQ(format_in(1762e4, "TFLOP/s/억원"), "1762");
  EXPECT_EQ(format_in(2.5, ""), "2.500");
  EXPECT_EQ(format_in(kNan, "W"), "–");
  EXPECT_THROW(format_in(1, "furlong"), Error);
}

TEST(UnitsText, IsTheSameInALocaleWithACommaForAPoint) {
  // Skips nothing: where no such locale is installed, the C library's own is in force and the assertions hold all the
  // same.
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "ko_KR.UTF-8", ""}) {
    std::setlocale(LC_ALL, name);
    EXPECT_EQ(format_quantity(1.5e12, Dimension::kFlops), "1.500 TFLOP/s");
    EXPECT_EQ(parse_quantity("1.5 W", nullptr)->value, 1.5);
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST(DimensionNames, AreThereForEveryDimension) {
  for (int i = 0; i <= static_cast<int>(Dimension::kTokenCountPerWon); ++i) {
    const auto dimension = static_cast<Dimension>(i);
    EXPECT_NE(dimension_name(dimension), "unknown dimension");
    const std::string_view unit = canonical_unit(dimension);
    if (unit.empty()) continue;
    const UnitEntry* entry = find_unit(unit);
    ASSERT_NE(entry, nullptr) << unit;
    EXPECT_EQ(entry->dimension, dimension);
    EXPECT_EQ(entry->power_of_ten, 0);
    EXPECT_EQ(entry->power_of_two, 0);
  }
}

}  // namespace
}  // namespace geomsu
