// Energy over blocks, from readings whose truth is written down: every figure is held against the integral that the
// readings were made of.
#include "harness/measure/energy.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace geomsu {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// A device that takes `busy` W within blocks and `idle` W beside them.
struct Device {
  std::vector<Stretch> blocks;
  double busy = 300, idle = 100, begins_at = 1000;

  double power(std::int64_t at) const {
    for (const Stretch& block : blocks) {
      if (at >= block.from_ns && at < block.to_ns) return busy;
    }
    return idle;
  }
  double in_blocks(std::int64_t until) const {
    double sum = 0;
    for (const Stretch& block : blocks)
      sum += static_cast<double>(std::clamp(until, block.from_ns, block.to_ns) - block.from_ns) * 1e-9;
    return sum;
  }
  double counter(std::int64_t at) const {
    return begins_at + idle * static_cast<double>(at) * 1e-9 + (busy - idle) * in_blocks(at);
  }
  double truth() const { return busy * in_blocks(INT64_MAX); }
  std::vector<EnergyReading> readings(std::int64_t every, std::int64_t until, bool energy, bool watts) const {
    std::vector<EnergyReading> all;
    for (std::int64_t at = 0; at <= until; at += every) {
      EnergyReading reading{at, {}, {}};
      if (energy) reading.energy_j = counter(at);
      if (watts) reading.power_w = power(at);
      all.push_back(reading);
    }
    return all;
  }
};

// Ten blocks of `length`, `gap` apart, the first at 250 ms.
Device device(std::int64_t length, std::int64_t gap) {
  Device made;
  for (int i = 0; i < 10; ++i) {
    const std::int64_t from = 250 * kMs + i * (length + gap);
    made.blocks.push_back({from, from + length});
  }
  return made;
}

constexpr std::int64_t kLong = 20'000 * kMs;

TEST(EnergyOfBlocks, HoldsTheTruthBetweenItsBounds) {
  for (const std::int64_t gap : {1 * kMs, 20 * kMs, 150 * kMs}) {
    const Device made = device(730 * kMs, gap);
    const auto answer = energy_of(made.readings(100 * kMs, kLong, true, true), made.blocks);
    ASSERT_TRUE(answer.energy && answer.energy->joules) << (answer.energy ? answer.energy->why : "nothing");
    EXPECT_EQ(answer.energy->source, "counter");
    EXPECT_LE(answer.energy->least, made.truth());
    EXPECT_GE(answer.energy->most, made.truth());
    EXPECT_NEAR(*answer.energy->joules, made.truth(), 0.10 * made.truth()) << "gap " << gap;
    EXPECT_EQ(answer.counter_fault, "");
  }
}

TEST(EnergyOfBlocks, IsExactWhereReadingsStandAtTheirEnds) {
  Device made = device(500 * kMs, 100 * kMs);
  made.blocks[0].from_ns = 200 * kMs;  // all on the tenth of a second
  for (std::size_t i = 0; i < made.blocks.size(); ++i)
    made.blocks[i] = {static_cast<std::int64_t>(200 + 600 * i) * kMs, static_cast<std::int64_t>(700 + 600 * i) * kMs};
  const auto answer = energy_of(made.readings(100 * kMs, kLong, true, false), made.blocks);
  ASSERT_TRUE(answer.energy && answer.energy->joules);
  EXPECT_NEAR(*answer.energy->joules, made.truth(), 1e-6);
  EXPECT_NEAR(answer.energy->least, made.truth(), 1e-6);
  EXPECT_NEAR(answer.energy->most, made.truth(), 1e-6);
  EXPECT_EQ(answer.energy->readings, 51U + 9U) << "five stretches a block; each later block's first reading is new";
}

TEST(EnergyOfBlocks, SharesAStretchThatReachesBeyondThem) {
  Device made = device(500 * kMs, 30 * kMs);
  made.idle = made.busy;  // then shares are exact
  const auto answer = energy_of(made.readings(100 * kMs, kLong, true, false), made.blocks);
  ASSERT_TRUE(answer.energy && answer.energy->joules);
  EXPECT_NEAR(*answer.energy->joules, made.truth(), 1e-6);
  EXPECT_GT(answer.energy->most, made.truth() + 1);
}

TEST(EnergyOfBlocks, AsHungryBesideThemAsInThemIsStillBetweenItsBounds) {
  Device made = device(500 * kMs, 30 * kMs);
  made.idle = 320;  // filling operands takes more than computing with them
  const auto answer = energy_of(made.readings(100 * kMs, kLong, true, false), made.blocks);
  ASSERT_TRUE(answer.energy && answer.energy->joules);
  EXPECT_LE(answer.energy->least, made.truth());
  EXPECT_GE(answer.energy->most, made.truth());
}

TEST(EnergyOfBlocks, IsAbsentWhereTheReadingsAreTooCoarse) {
  const Device made = device(100 * kMs, 400 * kMs);
  const auto answer = energy_of(made.readings(330 * kMs, kLong, true, false), made.blocks);
  ASSERT_TRUE(answer.energy);
  EXPECT_FALSE(answer.energy->joules);
  EXPECT_EQ(answer.energy->source, "");
  EXPECT_NE(answer.energy->why.find("too far from the blocks"), std::string::npos) << answer.energy->why;
}

TEST(EnergyOfBlocks, IsAbsentWhereTheReadingsDoNotReachAroundThem) {
  const Device made = device(500 * kMs, 10 * kMs);
  auto readings = made.readings(100 * kMs, kLong, true, false);
  const std::vector<EnergyReading> late(readings.begin() + 4, readings.end());
  auto answer = energy_of(late, made.blocks);
  ASSERT_TRUE(answer.energy);
  EXPECT_FALSE(answer.energy->joules);
  EXPECT_NE(answer.energy->why.find("first reading of the energy counter came 0.150 s after"), std::string::npos)
      << answer.energy->why;
  while (readings.back().at_ns >= made.blocks.back().to_ns) readings.pop_back();
  answer = energy_of(readings, made.blocks);
  EXPECT_FALSE(answer.energy->joules);
  EXPECT_NE(answer.energy->why.find("before the last block ended"), std::string::npos) << answer.energy->why;
  answer = energy_of(std::span(readings).first(2), made.blocks);
  EXPECT_FALSE(answer.energy->joules);
  EXPECT_NE(answer.energy->why.find("2 readings"), std::string::npos) << answer.energy->why;
}

TEST(EnergyOfBlocks, OfADeviceThatNeverToldAnyIsNothingAtAll) {
  const Device made = device(500 * kMs, 10 * kMs);
  EXPECT_FALSE(energy_of(made.readings(100 * kMs, kLong, false, false), made.blocks).energy);
  EXPECT_FALSE(energy_of({}, made.blocks).energy);
  EXPECT_FALSE(energy_of(made.readings(100 * kMs, kLong, true, true), {}).energy);
}

TEST(AnEnergyCounterThatFell, GivesNoFigureAndPowerSamplesServe) {
  const Device made = device(500 * kMs, 10 * kMs);
  for (const bool watts : {false, true}) {
    auto readings = made.readings(100 * kMs, kLong, true, watts);
    for (EnergyReading& reading : readings) {
      if (reading.at_ns >= 1500 * kMs) *reading.energy_j -= made.counter(1500 * kMs);
    }
    const auto answer = energy_of(readings, made.blocks);
    EXPECT_NE(answer.counter_fault.find("wrapped or began anew"), std::string::npos);
    ASSERT_TRUE(answer.energy);
    EXPECT_EQ(answer.energy->joules.has_value(), watts);
    EXPECT_EQ(answer.energy->source, watts ? "power" : "");
    if (!watts) continue;
    ASSERT_TRUE(answer.energy->joules);
    EXPECT_NEAR(*answer.energy->joules, made.truth(), 0.05 * made.truth());
  }
}

TEST(AnEnergyCounterThatFell, BesideTheBlocksDoesNoHarm) {
  const Device made = device(500 * kMs, 400 * kMs);
  auto readings = made.readings(100 * kMs, kLong, true, false);
  for (EnergyReading& reading : readings) {  // between the end of the first block (750 ms) and the second (1150 ms)
    if (reading.at_ns >= 1000 * kMs) *reading.energy_j -= made.counter(950 * kMs);
  }
  const auto answer = energy_of(readings, made.blocks);
  EXPECT_EQ(answer.counter_fault, "");
  ASSERT_TRUE(answer.energy && answer.energy->joules);
  EXPECT_LE(answer.energy->least, made.truth());
  EXPECT_GE(answer.energy->most, made.truth());
}

TEST(AnEnergyCounterThatStandsStill, IsNoEnergyOfZero) {
  const Device made = device(500 * kMs, 10 * kMs);
  auto readings = made.readings(100 * kMs, kLong, true, false);
  for (EnergyReading& reading : readings) reading.energy_j = 17;
  const auto answer = energy_of(readings, made.blocks);
  ASSERT_TRUE(answer.energy);
  EXPECT_FALSE(answer.energy->joules);
  EXPECT_NE(answer.counter_fault.find("stood still"), std::string::npos);
}

TEST(PowerSamples, AreIntegratedByTrapezoidsOverTheBlocksAlone) {
  // P(t) = 100 W + 40 W/s t: trapezoids are exact, and the bounds are off by at most one step of 4 W.
  const Device made = device(500 * kMs, 210 * kMs);
  std::vector<EnergyReading> readings;
  for (std::int64_t at = 0; at <= kLong; at += 100 * kMs)
    readings.push_back({at, {}, 100 + 40 * static_cast<double>(at) * 1e-9});
  double truth = 0;
  for (const Stretch& block : made.blocks) {
    const double from = static_cast<double>(block.from_ns) * 1e-9, to = static_cast<double>(block.to_ns) * 1e-9;
    truth += 100 * (to - from) + 20 * (to * to - from * from);
  }
  const auto answer = energy_of(readings, made.blocks);
  ASSERT_TRUE(answer.energy && answer.energy->joules);
  EXPECT_EQ(answer.energy->source, "power");
  EXPECT_NEAR(*answer.energy->joules, truth, 1e-6);
  EXPECT_LT(answer.energy->least, truth);
  EXPECT_GT(answer.energy->most, truth);
  EXPECT_LT(answer.energy->most - answer.energy->least, 4.0 * 5.0 + 1e-6);
}

TEST(PowerSamples, ThatLieOverASecondApartSayNothing) {
  const Device made = device(2500 * kMs, 10 * kMs);
  const auto answer = energy_of(made.readings(1100 * kMs, 3 * kLong, false, true), made.blocks);
  ASSERT_TRUE(answer.energy);
  EXPECT_FALSE(answer.energy->joules);
  EXPECT_NE(answer.energy->why.find("1.1 s apart"), std::string::npos) << answer.energy->why;
}

TEST(PowerSamples, MayLieApartBesideTheBlocks) {
  const Device made = device(500 * kMs, 1400 * kMs);
  auto readings = made.readings(100 * kMs, kLong, false, true);
  std::erase_if(readings, [&](const EnergyReading& reading) {  // from 200 ms after a block to 100 ms before the next
    const std::int64_t at = (reading.at_ns - 250 * kMs) % (1900 * kMs);
    return at > 700 * kMs && at < 1800 * kMs;
  });
  const auto answer = energy_of(readings, made.blocks);
  ASSERT_TRUE(answer.energy && answer.energy->joules) << (answer.energy ? answer.energy->why : "nothing");
}

TEST(Readings, ThatAreNoNumberOrOutOfOrderAreLeftOut) {
  const Device made = device(500 * kMs, 10 * kMs);
  auto readings = made.readings(100 * kMs, kLong, true, true);
  readings[7].energy_j = std::nan("");
  readings[9].energy_j = -1;
  readings[12].energy_j = HUGE_VAL;
  readings[15].at_ns = readings[13].at_ns;
  const auto answer = energy_of(readings, made.blocks);
  ASSERT_TRUE(answer.energy && answer.energy->joules);
  EXPECT_EQ(answer.energy->source, "counter");
  EXPECT_LE(answer.energy->least, made.truth());
  EXPECT_GE(answer.energy->most, made.truth());
}

TEST(AnEnergyMeter, SumsTheDevicesOfAGroupAndKeepsOneReadingOfBefore) {
  EnergyMeter meter;
  const auto reading = [](std::int64_t at, double joules) {
    Telemetry made;
    made.mono_ns = at;
    made.energy_j = joules;
    return made;
  };
  const auto add = [&](std::int64_t at, double joules, bool timing) {
    meter.add({reading(at, joules), reading(at, 2 * joules)}, timing);
  };
  add(0, 1'000, false);  // were this one kept, or the last, 27 kW beside the blocks would spoil the bounds
  add(1000 * kMs, 10'000, false);
  for (int i = 1; i <= 10; ++i) add((1000 + 100 * i) * kMs, 10'000 + 10 * i, true);
  meter.block(1005 * kMs, 990 * kMs);
  add(2100 * kMs, 10'101, false);  // covered now: this one may be kept, the next is not
  add(2200 * kMs, 20'000, false);
  Trial trial;
  meter.conclude(trial);
  ASSERT_TRUE(trial.energy && trial.energy->joules) << (trial.energy ? trial.energy->why : "nothing");
  EXPECT_NEAR(*trial.energy->joules, 297, 1e-9);
  EXPECT_NEAR(trial.energy->least, 297, 1e-9);
  EXPECT_NEAR(trial.energy->most, 300, 1e-9);
  EXPECT_EQ(trial.energy->readings, 11U);
  EXPECT_TRUE(trial.findings.empty());
}

}  // namespace
}  // namespace geomsu
