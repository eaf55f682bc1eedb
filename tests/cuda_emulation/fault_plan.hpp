// Which call of which function is to fail (configuration.hpp). Safe from any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cuda_emulation/configuration.hpp"

namespace geomsu::emulation {

class FaultPlan {
 public:
  explicit FaultPlan(const std::vector<PlannedFault>& faults) {
    for (const PlannedFault& fault : faults) entries_.push_back({fault, 0, false});
  }

  // The status that this call of `function` is to return, or 0; counts the call. `device`: ordinal, -1 for none.
  int next(std::string_view function, int device) {
    const std::lock_guard lock(mutex_);
    int status = 0;
    for (Entry& entry : entries_) {
      if (entry.fault.function != function || (entry.fault.device && *entry.fault.device != device)) continue;
      ++entry.calls;
      if (entry.calls != entry.fault.call && !(entry.fault.every && entry.calls > entry.fault.call)) continue;
      entry.met = true;
      if (status == 0) status = entry.fault.status;
    }
    return status;
  }

  // Faults that never came, in words: a test that plans one and does not meet it shows nothing.
  std::vector<std::string> not_met() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> out;
    for (const Entry& entry : entries_) {
      if (entry.met) continue;
      out.push_back("call " + std::to_string(entry.fault.call) + " of " + entry.fault.function + ", of which " +
                    std::to_string(entry.calls) + " came");
    }
    return out;
  }

 private:
  struct Entry {
    PlannedFault fault;
    std::uint64_t calls = 0;
    bool met = false;
  };
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace geomsu::emulation
