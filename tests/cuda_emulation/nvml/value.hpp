// A number that NVML gives, and how it changes: `7`, or a map {start, per_read, per_second, steps}. A step takes the
// start's place from then on; seconds are of the emulated runtime's virtual time, which stands at 0 without it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace YAML {
class Node;
}

namespace geomsu::emulation::nvml {

class Value {
 public:
  // std::runtime_error "FILE:LINE: ..."
  static Value parse(const YAML::Node& node, const std::string& file);
  explicit Value(double start = 0) : start_(start) {}

  // Counts as a reading.
  double read(double at_s);

 private:
  struct Step {
    bool by_time = false;
    double after = 0, value = 0;  // after so many readings, or at so many seconds
  };
  double start_, per_read_ = 0, per_second_ = 0;
  std::vector<Step> steps_;
  std::uint64_t reads_ = 0;
};

// An event at a reading or a time, which comes once.
struct Moment {
  bool by_time = false;
  double after = 0;
  bool has_come(std::uint64_t reads, double at_s) const {
    return by_time ? at_s >= after : static_cast<double>(reads) > after;
  }
};

}  // namespace geomsu::emulation::nvml
