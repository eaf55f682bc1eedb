// One fake device: its scripted clock, its counters, and which of its faults are at work.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/fake/script.hpp"

namespace geomsu::fake {

// A fault that touched the buffers of a workload.
struct Taint {
  const Fault* fault = nullptr;
  std::uint64_t draw = 0;  // random bits of that submission: where an element was hit
};

// What the script does to one submission.
struct Effects {
  double slowdown = 1;   // of its duration, jitter included
  double completed = 1;  // share of the repeats that are computed at all
  double reported = 1;   // share of the true span that is reported
  bool never_completes = false;
  std::vector<Taint> taints;
};

// Not thread-safe but for strike(): the plug-in holds its instance's lock around everything else.
class Device {
 public:
  Device(DeviceScript script, std::uint32_t index, std::uint64_t seed, std::uint64_t now_ns);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const DeviceScript& script() const { return script_; }

  // Faults of a slot: throws, crashes, exits, hangs, prints or fails. Called before the lock is taken, so that a slot
  // that hangs leaves telemetry alive, as vendor code would.
  void strike(std::string_view slot);

  // Faults of kind `kind` at work for this operation, outside any submission; nullptr where there is none.
  const Fault* at_work(std::string_view kind, std::string_view op) const;
  void check_lost() const;  // Failure DEVICE_LOST, for ever once it was

  // `block`: submissions of the workload before this one. Failure DEVICE_LOST where the script says so.
  Effects submit(std::string_view op, std::uint64_t block);
  void computed(double seconds) { busy_s_ += seconds; }

  std::uint64_t ticks(std::uint64_t now_ns);  // of the device's clock, which must not be asked about the past
  std::uint64_t wrap(std::uint64_t ticks) const;
  void step_back();  // the clock_backward that the last submission earned, if any

  void describe(geomsu_description& out) const;
  void telemetry(geomsu_telemetry& out, std::uint64_t now_ns) const;

  std::uint64_t memory_free() const;
  void take_memory(std::uint64_t bytes) { memory_used_ += bytes; }
  void give_memory_back(std::uint64_t bytes);

 private:
  DeviceScript script_;
  std::uint32_t index_;
  std::uint64_t seed_, start_ns_;

  std::uint64_t samples_ = 0;
  double busy_s_ = 0;
  bool lost_ = false, swapped_ = false, link_lost_ = false, throttled_ = false;
  double rate_ = 1;
  long double ticks_;
  std::uint64_t ticks_at_ns_;
  std::uint64_t backward_ticks_ = 0;

  std::uint64_t memory_used_ = 0, throttle_events_ = 0, fault_events_ = 0;
  std::uint64_t ecc_corrected_ = 0, ecc_uncorrected_ = 0;
  double foreign_load_ = -1;  // negative: as the script's telemetry says

  std::vector<geomsu_param> attributes_, attributes_without_link_;
  std::string other_serial_, other_uuid_;
  std::mutex calls_mutex_;
  std::map<std::string, std::uint64_t, std::less<>> calls_;
};

}  // namespace geomsu::fake
