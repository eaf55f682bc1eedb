// Readings of one GPU through NVML while it is measured: ten a second, from a second thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/cuda/nvml.hpp"

namespace geomsu::cuda::nvml {

// GEOMSU_THROTTLE_* of NVML's reasons for clocks. Idleness and application clocks are no throttling: the one is
// nobody's loss, the other is a setting (health.hpp has it). Reasons that NVML adds later are OTHER.
std::uint64_t throttle_bits(std::uint64_t reasons);

struct Sampling {
  // Processes are listed by the numbers of a process namespace: from within a container others' may be hidden, and
  // then that none is listed says nothing.
  bool sees_every_process = true;
  // What is costly to ask or slow to change is read this often: processes, link errors, rows and pages given up.
  std::chrono::nanoseconds slow_period = std::chrono::seconds(1);
};
// As this process stands: whether it lives in the kernel's first process namespace.
Sampling default_sampling();

// Thread-safe. Counters never fall: a source that is silent for a moment counts as it last did.
class TelemetrySource {
 public:
  TelemetrySource(std::shared_ptr<const Library> library, const Place& place, const Sampling& sampling);
  ~TelemetrySource();
  TelemetrySource(const TelemetrySource&) = delete;
  TelemetrySource& operator=(const TelemetrySource&) = delete;

  // Sets every field, to "unknown" where NVML does not say. Throws Failure DEVICE_LOST once the GPU is lost, and at
  // each later call.
  void read(geomsu_telemetry& to);
  // "energy; foreign load": what the first reading could not say. "" where it said all.
  const std::string& absent() const { return absent_; }
  // The newest XID that was seen since this was made.
  std::optional<unsigned> last_xid() const;
  // Looks for XIDs now, and gives words of the newest: for a failure, whose cause they mostly are. "" where there is
  // none. Throws nothing.
  std::string xid_words() noexcept;

 private:
  using Count = std::optional<std::uint64_t>;

  void read_sensors(geomsu_telemetry& to);
  void read_throttling(geomsu_telemetry& to);
  void read_counters(geomsu_telemetry& to);
  void read_links();
  void read_rows();
  void read_events();
  std::optional<double> foreign_load();
  std::optional<double> foreign_share(const std::vector<unsigned>& others);
  bool slow_is_due();
  void register_events();
  void name_absent(const geomsu_telemetry& first);

  Gpu gpu_;
  Sampling sampling_;
  std::optional<Handle> memory_of_;  // the MIG instance's, where we run on one
  bool mig_ = false;
  EventSet events_ = nullptr;

  mutable std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> slow_at_;
  std::optional<double> memory_temperature_c_, foreign_load_;
  std::array<Count, 5> violation_ns_{};
  bool throttled_ = false;
  Count throttle_events_;
  Count ecc_corrected_, ecc_uncorrected_, pcie_replays_;
  std::array<Count, 4> link_errors_{};  // replay, recovery, CRC of flits, CRC of data; over all links
  Count retired_, remapped_, rows_at_start_;
  std::uint64_t xids_ = 0;
  std::optional<unsigned> last_xid_;
  unsigned long long samples_until_us_ = 0;
  std::vector<ProcessSample> samples_;
  std::string absent_;
};

}  // namespace geomsu::cuda::nvml
