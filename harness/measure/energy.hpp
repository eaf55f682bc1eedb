// Energy that the judged blocks took, from the device's own readings. Pure: readings and the blocks' times in, joules
// with what the readings allow out; where they do not cover the blocks, words and no number.
//
// Two sources. "counter": differences of an energy counter; a stretch between two readings that reaches beyond a block
// counts by its share, and the bounds say what the rest could have taken at most. "power": trapezoids between samples;
// the bounds take the lower and the higher sample of each stretch. The counter is preferred; where it fell or stood
// still, the samples serve.
//
// Traps: it is the device's own word, so it judges nothing. Readings carry the time when they were asked for, and many
// counters move in steps of up to 100 ms: that is not in the bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/model/trial.hpp"

namespace geomsu {

struct EnergyReading {
  std::int64_t at_ns = 0;  // CLOCK_MONOTONIC, as all times here
  std::optional<double> energy_j, power_w;
};

struct Stretch {
  std::int64_t from_ns = 0, to_ns = 0;
};

inline constexpr double kEnergyWidest = 0.5;  // bounds further apart than this share of the figure: no figure
inline constexpr std::int64_t kPowerGapNs = 1'000'000'000;  // samples further apart say nothing of what lies between
inline constexpr std::size_t kFewestReadings = 3;

struct EnergyAnswer {
  std::optional<Energy> energy;  // absent: no reading ever had energy or power
  std::string counter_fault;     // words where the counter fell or stood still while blocks ran
};
// Readings and blocks in the order of time; a reading that is not later than the one before it is left out.
EnergyAnswer energy_of(std::span<const EnergyReading> readings, std::span<const Stretch> blocks);

// What a lane fills in while it runs. Readings before the first block are not kept but for the last.
class EnergyMeter {
 public:
  // One reading of each device of the group: their sum. `timing`: between the first block and the end of the last.
  void add(const std::vector<Telemetry>& readings, bool timing);
  void block(std::int64_t from_mono_ns, std::int64_t wall_ns);
  void conclude(Trial& trial) const;  // writes trial.energy, and a finding where the counter failed

 private:
  std::vector<EnergyReading> readings_;
  std::vector<Stretch> blocks_;
};

}  // namespace geomsu
