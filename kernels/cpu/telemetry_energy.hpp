// Energy counters of the packages that a set of cores is all of: powercap's RAPL zones ("package-0", on parts of
// several dies "package-0-die-1", and their "dram"), else amd_energy's sockets. A set that is part of a package has no
// energy of its own: the counter is the whole package's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/cpu/telemetry_place.hpp"

namespace geomsu::cpu {

class EnergyCounters {
 public:
  EnergyCounters(const std::string& root, const Place& place);

  // Sum of all counters since some start, wraps undone (max_energy_range_uj; one has to look in time: at 300 W every
  // quarter of an hour). Absent for ever once a counter began anew instead.
  std::optional<double> joules();

  const std::string& source() const { return source_; }  // "powercap package-0, dram"; empty where there is none
  const std::string& why() const { return why_; }        // then: why not

 private:
  struct Counter {
    std::string file;
    std::optional<double> range_uj;
    double last_uj = 0, carried_uj = 0;
  };
  bool add(const std::string& file, std::optional<double> range_uj);
  void find_powercap(const std::string& root, const Place& place);
  void find_amd_energy(const std::string& root, const Place& place);

  std::vector<Counter> counters_;
  bool lost_ = false;
  std::string source_, why_;
};

}  // namespace geomsu::cpu
