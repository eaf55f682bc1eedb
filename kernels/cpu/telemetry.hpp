// Readings of a set of cores, from /proc and /sys as text files. What cannot be read is absent, and named.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace geomsu::cpu {

struct Reading {
  std::optional<double> power_w, energy_j, temperature_c, clock_mhz, memory_used_bytes, foreign_load;
  std::optional<std::uint64_t> throttle, throttle_events, ecc_corrected, ecc_uncorrected;
};

// Thread-safe. `root` is "" but in tests, where it is a recorded tree.
class TelemetrySource {
 public:
  TelemetrySource(std::string root, std::vector<int> cores);

  Reading read();
  // "power_w: no powercap; temperature_c: ...": what a first look could not read, and why.
  const std::string& absent() const { return absent_; }

 private:
  // Busy and total time of the cores, and of this process, at one moment.
  struct Sample {
    double at_s = 0, busy_s = 0, total_s = 0, own_s = 0;
    std::optional<double> energy_j;
  };
  std::optional<Sample> sample() const;
  std::optional<double> clock_mhz() const;
  std::optional<double> temperature_c() const;
  std::optional<double> energy_j();
  std::optional<double> memory_used_bytes() const;
  std::optional<std::uint64_t> throttle_events() const;
  std::optional<std::uint64_t> ecc(const char* counter) const;
  void find_sensors();
  void name_absent(const Reading& reading);

  std::string root_;
  std::vector<int> cores_;
  bool clock_in_cpuinfo_ = false;
  std::vector<std::string> temperature_files_;
  struct Energy {
    std::string file;
    double range_uj = 0, last_uj = 0, carried_uj = 0;
    bool seen = false;
  };
  std::vector<Energy> energy_;
  std::deque<Sample> samples_;
  std::optional<std::uint64_t> last_throttle_events_;
  std::mutex mutex_;
  std::string absent_;
};

}  // namespace geomsu::cpu
