// Which call of which function is to fail or to hang (configuration.hpp), and how often each was called. Safe from any
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/cuda_emulation/configuration.hpp"

namespace geomsu::emulation {

class FaultPlan {
 public:
  explicit FaultPlan(const std::vector<PlannedFault>& faults) {
    for (const PlannedFault& fault : faults) entries_.push_back({fault, 0, false});
  }

  // The status that this call of `function` is to return, or 0; counts the call, and takes as long as is planned.
  // `device`: ordinal, -1 for none.
  int next(std::string_view function, int device) {
    std::uint64_t hang_ms = 0;
    const int status = planned(function, device, hang_ms);
    if (hang_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(hang_ms));
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

  void append_calls(const std::string& file) {
    const std::lock_guard lock(mutex_);
    std::ofstream out(file, std::ios::app);
    for (const auto& [call, times] : calls_) out << call.first << ' ' << call.second << ' ' << times << '\n';
  }

 private:
  struct Entry {
    PlannedFault fault;
    std::uint64_t calls = 0;
    bool met = false;
  };
  int planned(std::string_view function, int device, std::uint64_t& hang_ms) {
    const std::lock_guard lock(mutex_);
    ++calls_[{std::string(function), device}];
    int status = 0;
    for (Entry& entry : entries_) {
      if (entry.fault.function != function || (entry.fault.device && *entry.fault.device != device)) continue;
      ++entry.calls;
      if (entry.calls != entry.fault.call && !(entry.fault.every && entry.calls > entry.fault.call)) continue;
      entry.met = true;
      if (status == 0) status = entry.fault.status;
      hang_ms += entry.fault.hang_ms;
    }
    return status;
  }

  std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> calls_;  // by function and device
  std::vector<Entry> entries_;
};

}  // namespace geomsu::emulation
