// The emulated process: its devices, its clock and its one lock. Every entry point holds the lock, but while work runs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <vector>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/configuration.hpp"
#include "tests/cuda_emulation/fault_plan.hpp"
#include "tests/cuda_emulation/runtime/address_space.hpp"
#include "tests/cuda_emulation/runtime/operation.hpp"

namespace geomsu::emulation {

struct Device {
  NodeDevice facts;
  int node_ordinal = 0;                          // CUDA_VISIBLE_DEVICES may hide some
  cudaError_t lost = cudaSuccess;                // the sticky error that every later call returns
  bool executing = false;                        // some thread runs an operation of this device
  std::map<std::uint64_t, OperationPtr> queued;  // by number
  std::uint64_t taken_bytes = 0;
  std::mt19937_64 random;
};

class Process {
 public:
  explicit Process(Configuration configuration);

  std::mutex& mutex() { return mutex_; }
  std::condition_variable& changed() { return changed_; }  // an operation ended
  const Configuration& configuration() const { return configuration_; }
  FaultPlan& faults() { return faults_; }
  AddressSpace& space() { return space_; }

  int device_count() const { return static_cast<int>(devices_.size()); }
  bool has(int ordinal) const { return ordinal >= 0 && ordinal < device_count(); }
  Device& device(int ordinal) { return devices_[static_cast<std::size_t>(ordinal)]; }
  bool can_reach(int ordinal, int other) const;

  // With the lock.
  std::uint64_t now_ns() const { return now_ns_; }
  void move_now_to(std::uint64_t ns) { now_ns_ = ns > now_ns_ ? ns : now_ns_; }
  std::uint64_t poll_step_ns() const { return configuration_.node.pace.launch_ns / 4 + 1; }
  std::uint64_t next_number() { return ++number_; }

 private:
  Configuration configuration_;
  FaultPlan faults_;
  std::vector<Device> devices_;
  AddressSpace space_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t now_ns_ = 1000000000, number_ = 0;  // a clock that begins at 0 would hide a tick never read
};

// Made at the first call; never destroyed, since a plug-in's own destructors may still call.
Process& emulated_process();
bool has_emulated_process();

// Of this thread; while an operation runs, the operation's.
int current_device();
int exchange_current_device(int ordinal);

}  // namespace geomsu::emulation
