// The C table as values: errors become Fault, handles close themselves, texts are copied and made valid, unknowns are
// absent.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/abi/geomsu_plugin.h"
#include "harness/base/clock.hpp"
#include "harness/protocol/messages.hpp"
#include "harness/worker/peers.hpp"

namespace geomsu::worker {

// Why something did not happen; status is never ok, reason never empty.
struct Fault {
  protocol::Status status = protocol::Status::kError;
  std::string reason;
};
template <class T>
using Try = std::variant<T, Fault>;

template <class T>
struct Closer {
  void (*close)(T*) = nullptr;
  void operator()(T* handle) const { close(handle); }
};
template <class T>
using Handle = std::unique_ptr<T, Closer<T>>;

struct ClockInfo {
  std::string domain;  // "host" or "device"
  std::uint64_t ticks_per_second = 0;
  std::uint32_t valid_bits = 0;
};

// One instance of one plug-in. Threads: as the table says; `telemetry` alone is guarded, so that both threads may call
// it.
class PluginClient {
 public:
  static Try<std::unique_ptr<PluginClient>> create(const geomsu_plugin& table, const Params& params);

  // nullptr but for a simulated plug-in that scripts time.
  const geomsu_scripted_time* scripted_time() const;
  geomsu_instance* instance() const { return instance_.get(); }

  Try<std::uint32_t> device_count() const;
  Try<DeviceInfo> describe(std::uint32_t index) const;
  Try<Handle<geomsu_device>> open(std::uint32_t index) const;
  Try<ClockInfo> clock_info(geomsu_device* device) const;
  Try<std::uint64_t> device_clock(geomsu_device* device) const;
  Try<Telemetry> telemetry(geomsu_device* device) const;  // without its times
  // `peers`: the other processes that have a part in it; nullptr where there are none.
  Try<Handle<geomsu_group>> group(const std::vector<geomsu_device*>& devices, const Peers* peers = nullptr) const;

  Try<Handle<geomsu_workload>> prepare(geomsu_group* group, const std::string& op, const Params& params) const;
  Try<protocol::PrepareResult> workload_info(geomsu_workload* workload) const;
  std::optional<Fault> reseed(geomsu_workload* workload, std::uint64_t seed) const;
  Try<Handle<geomsu_event>> submit(geomsu_workload* workload, std::uint64_t repeats) const;
  std::optional<Fault> wait(geomsu_event* event, std::uint64_t timeout_ns) const;
  Try<protocol::Span> span(geomsu_event* event, std::uint32_t rank, std::uint32_t repeat_ticks) const;

  Try<std::vector<double>> read(geomsu_workload* workload, const protocol::ReadRequest& request) const;
  Try<std::vector<double>> project(geomsu_workload* workload, const protocol::ProjectRequest& request) const;
  Try<std::uint64_t> digest(geomsu_workload* workload, const protocol::DigestRequest& request) const;

 private:
  explicit PluginClient(const geomsu_plugin& table) : table_(table) {}
  std::optional<Fault> check(std::string_view slot, geomsu_error* error) const;

  const geomsu_plugin& table_;
  Handle<geomsu_instance> instance_;
  mutable std::mutex telemetry_mutex_;
};

// The host's clock where a simulated device scripts time: sleeping moves it. All three clocks are the one scripted
// clock.
class ScriptedClock final : public Clock {
 public:
  ScriptedClock(const geomsu_scripted_time& time, geomsu_instance* instance) : time_(time), instance_(instance) {}
  std::int64_t raw_ns() override;
  std::int64_t mono_ns() override;
  std::int64_t utc_ns() override;
  void sleep_until_mono(std::int64_t mono_ns) override;

 private:
  const geomsu_scripted_time& time_;
  geomsu_instance* instance_;
};

}  // namespace geomsu::worker
