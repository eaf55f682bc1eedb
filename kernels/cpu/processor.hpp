// What /proc/cpuinfo and the processor say of themselves, and the arithmetic peak that follows.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace geomsu::cpu {

struct Processor {
  std::string model, vendor;  // "Intel(R) Xeon(R) Platinum 8480+", "Intel"
  std::optional<std::string> microcode;
  std::optional<int> family, model_number;
  std::set<std::string> flags;
  std::optional<double> nominal_mhz;  // "cpu MHz" where APERF/MPERF do not make it a reading

  bool has(const std::string& flag) const { return flags.contains(flag); }
};

// From the text of /proc/cpuinfo (of its first processor).
Processor parse_cpuinfo(const std::string& text);

// Dense peak of one core in FLOP per clock, with the words for why.
struct Peak {
  double fp32_per_clock = 0, fp64_per_clock = 0;
  std::string words;
};
std::optional<Peak> peak_per_clock(const Processor& processor);

struct Clock {
  double hz = 0;
  std::string source;
};
// The highest clock: cpufreq's cpuinfo_max_freq under `root` where there is cpufreq; else measured by a chain of
// dependent additions (one a clock on every core in use), the fastest of several runs rounded up to 100 MHz, as virtual
// machines hide the true clock. Takes some 20 ms then.
Clock highest_clock(const std::string& root, int core);

}  // namespace geomsu::cpu
