// Where a set of cores stands in the machine, by <root>/sys/devices/system: packages and how much of them it is,
// hardware threads, NUMA nodes. Read once: cores that come and go later do not change whose sensors are whose.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace geomsu::cpu {

struct Place {
  struct Package {
    std::size_t own = 0, all = 0;  // physical cores of the set, and that are online
    bool whole() const { return own == all; }
  };
  struct Core {
    int package = -1;          // -1: the kernel tells none
    std::vector<int> threads;  // all that are online
  };
  std::vector<int> cores;  // as given
  std::vector<Core> physical;
  std::map<int, Package> packages;           // the set's, by physical_package_id; empty where the kernel tells none
  std::size_t machine_packages = 0;          // of the machine
  std::map<int, std::vector<int>> nodes;     // the set's cores by NUMA node; empty where the kernel tells none
  std::map<int, std::vector<int>> core_ids;  // the set's core_id by package: coretemp's labels

  bool whole() const;           // packages are known, and the set is all of each
  std::string partial() const;  // "14 of the 28 cores of package 0"; empty where whole
  bool all_packages() const { return !packages.empty() && packages.size() == machine_packages; }
};

Place place_of(const std::string& root, const std::vector<int>& cores);

}  // namespace geomsu::cpu
