#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/contract/contract_text.hpp"

namespace geomsu::test {
namespace {

using ::testing::HasSubstr;

Loaded<Site> parse_readings(const std::string& readings) {
  return parse_site("plugins: [{backend: cpu}]\nreadings:\n" + readings, "s.yaml");
}

std::string only_error(const std::string& readings) {
  const auto found = errors(parse_readings(readings).diagnostics);
  return found.size() == 1 ? found[0] : "not one error: " + ::testing::PrintToString(found);
}

const std::string kRest = "meter: BMS rack 12, by: 김검수, date: 2026-11-24}\n";

TEST(SiteReadings, AreReadWithTheirMeterPersonAndDay) {
  const auto loaded = parse_readings("  - {condition: inlet_temperature, value: 24.1 °C, " + kRest +
                                     "  - {condition: node_power, value: 8.5 kW, " + kRest +
                                     "  - {condition: pue, value: 1.25, " + kRest);
  ASSERT_TRUE(loaded.value) << ::testing::PrintToString(errors(loaded.diagnostics));
  ASSERT_EQ(loaded.value->readings.size(), 3U);
  const SiteReading& inlet = loaded.value->readings[0];
  EXPECT_EQ(inlet.key, "inlet_temperature");
  EXPECT_EQ(inlet.value.value, 24.1);
  EXPECT_EQ(inlet.text, "24.1 °C");
  EXPECT_EQ(inlet.meter, "BMS rack 12");
  EXPECT_EQ(inlet.by, "김검수");
  EXPECT_EQ(inlet.date, "2026-11-24");
  EXPECT_EQ(loaded.value->readings[1].value.value, 8500);
  EXPECT_TRUE(parse_site("plugins: [{backend: cpu}]", "s.yaml").value->readings.empty());
}

TEST(SiteReadings, AreRefusedInWords) {
  EXPECT_THAT(only_error("  - {condition: inlet_temperatur, value: 24 °C, " + kRest),
              HasSubstr("s.yaml:3:17: error: unknown condition 'inlet_temperatur'; did you mean 'inlet_temperature'?"));
  EXPECT_THAT(only_error("  - {condition: inlet_temperature, value: 24 W, " + kRest), HasSubstr("'value' wants a"));
  EXPECT_THAT(only_error("  - {condition: inlet_temperature, value: warm, " + kRest), HasSubstr("'value': "));
  EXPECT_THAT(only_error("  - {condition: node_power, value: 0 W, " + kRest), HasSubstr("is not above zero"));
  EXPECT_THAT(only_error("  - {condition: pue, value: 0.9, " + kRest), HasSubstr("a PUE of '0.9' cannot be"));
  EXPECT_THAT(only_error("  - {condition: pue, value: 1.2, meter: M, by: B, date: 2026-02-30}\n"),
              HasSubstr("'date' is no date: '2026-02-30'"));
  EXPECT_THAT(only_error("  - {condition: pue, value: 1.2, by: B, date: 2026-02-28}\n"), HasSubstr("has no 'meter'"));
  EXPECT_THAT(only_error("  - {condition: pue, value: 1.2, " + kRest + "  - {condition: pue, value: 1.3, " + kRest),
              HasSubstr("s.yaml:4:5: error: the condition 'pue' is read twice"));
  EXPECT_THAT(only_error("  []\n"), HasSubstr("must be a list with at least one"));
}

}  // namespace
}  // namespace geomsu::test
