// Which thermometers, ECC counters and throttle counters are a set of cores' own. Found once, read often.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/cpu/telemetry_place.hpp"

namespace geomsu::cpu {

// coretemp, k10temp, else the x86_pkg_temp zone. Where several packages have one and nothing tells whose it is, none.
class Thermometers {
 public:
  Thermometers(const std::string& root, const Place& place);
  std::optional<double> hottest_c() const;
  const std::string& source() const { return source_; }
  const std::string& why() const { return why_; }

 private:
  std::vector<std::string> files_;
  std::string source_, why_;
};

// EDAC's memory controllers: those of the set's packages where mc_name or their number tells ("Socket#0", "SrcID#1";
// one controller a package), else all of the machine.
class EccCounters {
 public:
  EccCounters(const std::string& root, const Place& place);
  std::optional<std::uint64_t> corrected() const { return sum("ce_count"); }
  std::optional<std::uint64_t> uncorrected() const { return sum("ue_count"); }
  const std::string& source() const { return source_; }

 private:
  std::optional<std::uint64_t> sum(const std::string& counter) const;
  std::vector<std::string> controllers_;
  std::string source_;
};

// thermal_throttle of /sys/devices/system/cpu: each physical core and each package once, since every thread counts the
// same event.
struct ThrottleCounts {
  std::optional<std::uint64_t> thermal;  // core_throttle_count and package_throttle_count
  std::optional<std::uint64_t> power;    // *_power_limit_count, where the kernel keeps them
};
ThrottleCounts throttle_counts(const std::string& root, const Place& place);

}  // namespace geomsu::cpu
