// Readings of a set of cores, from /proc and /sys as text files. What cannot be read is absent, and named.
// README.md has the table of what is read from where.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cpu/telemetry_energy.hpp"
#include "kernels/cpu/telemetry_place.hpp"
#include "kernels/cpu/telemetry_sensors.hpp"

namespace geomsu::cpu {

struct Reading {
  std::optional<double> power_w, energy_j, temperature_c, clock_mhz, memory_used_bytes, foreign_load;
  std::optional<std::uint64_t> throttle, throttle_events, ecc_corrected, ecc_uncorrected;
};

// Thread-safe. `root` is "" but in tests, where it is a tree of files. `cores`: the kernel's numbers.
class TelemetrySource {
 public:
  TelemetrySource(std::string root, const std::vector<int>& cores);

  Reading read();
  // "power and energy (no powercap ...); temperature (...)": what a first look could not read, and why.
  const std::string& absent() const { return absent_; }
  // Where the cores stand and whose sensors are read: {"energy.source", "powercap package-0"}. Only what is known.
  const std::vector<std::pair<std::string, std::string>>& facts() const { return facts_; }

 private:
  // Busy and total time of the cores' hardware threads, and of this process, at one moment.
  struct Sample {
    double at_s = 0, busy_s = 0, total_s = 0, own_s = 0;
    std::optional<double> energy_j;
  };
  std::optional<Sample> sample() const;
  std::optional<double> clock_mhz() const;
  std::optional<double> memory_used_bytes() const;
  void read_throttling(Reading& reading);
  void read_load(Reading& reading);
  void name_facts();
  void name_absent(const Reading& reading);

  std::string root_;
  Place place_;
  std::vector<int> threads_;  // all of the cores' hardware threads
  bool clock_in_cpuinfo_ = false, container_stat_ = false;
  EnergyCounters energy_;
  Thermometers thermometers_;
  EccCounters ecc_;
  std::deque<Sample> samples_;
  ThrottleCounts last_throttle_;
  std::mutex mutex_;
  std::string absent_;
  std::vector<std::pair<std::string, std::string>> facts_;
};

}  // namespace geomsu::cpu
