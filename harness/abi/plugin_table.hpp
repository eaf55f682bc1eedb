// For makers of plug-ins in C++20: the ABI's objects as classes, and the table of slots over them. A plug-in derives
// its instance, device, group, workload and event from these, and gives plugin::table<make>("name", "version") to the
// host; what a class does not override answers "unknown" or UNSUPPORTED. Slots check pointers, sizes, indices and
// ranks, and turn exceptions into errors (plugin_helpers.hpp): an override may throw Failure. Include it in one plug-in
// only: it defines the ABI's opaque types.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/abi/geomsu_plugin.h"
#include "harness/abi/plugin_helpers.hpp"
#include "harness/abi/plugin_span.hpp"

// A submission. Its destructor waits for what still runs.
struct geomsu_event {
  virtual ~geomsu_event() = default;
  virtual bool wait(std::uint64_t timeout_ns) = 0;  // false: not done by then
  virtual const geomsu::plugin::Span& span(std::uint32_t rank) const = 0;
  std::uint32_t first_rank = 0, ranks = 1;  // that this process answers for
  bool finished = false;                    // as event_wait saw it
};

// A prepared workload. `rank` is one of those that this process answers for.
struct geomsu_workload {
  virtual ~geomsu_workload() = default;
  virtual void info(geomsu_workload_info& to) const = 0;  // `deterministic` is 1 beforehand
  virtual void reseed(std::uint64_t seed) = 0;
  virtual std::unique_ptr<geomsu_event> submit(std::uint64_t repeats) = 0;
  virtual void read(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                    std::span<const std::uint64_t> indices, double* out) = 0;
  virtual std::vector<double> project(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                                      std::uint64_t seed) = 0;
  virtual std::uint64_t digest(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat) = 0;
  std::uint32_t first_rank = 0, ranks = 1;
};

struct geomsu_group {
  virtual ~geomsu_group() = default;
  // The capability question. Failure UNSUPPORTED with the reason is the answer no.
  virtual std::unique_ptr<geomsu_workload> prepare(const std::string& op, geomsu::plugin::Params params) = 0;
};

struct geomsu_device {
  virtual ~geomsu_device() = default;
  virtual void clock_info(geomsu_clock_info& to) const = 0;
  virtual std::uint64_t clock() = 0;
  virtual void telemetry(geomsu_telemetry&) {}  // every field is "unknown" beforehand
  // Of the first device of a group: the group. `peers` is nullptr where no other process has a part in it.
  virtual std::unique_ptr<geomsu_group> group(std::vector<geomsu_device*> members, geomsu::plugin::Params params,
                                              const geomsu_peers* peers) = 0;
};

struct geomsu_instance {
  virtual ~geomsu_instance() = default;
  virtual std::uint32_t count() const = 0;
  // index < count(). Texts live as long as the instance; numbers are "unknown" beforehand.
  virtual void describe(std::uint32_t index, geomsu_description& to) = 0;
  virtual std::unique_ptr<geomsu_device> open(std::uint32_t index) = 0;
  virtual const void* extension(const char*) { return nullptr; }
};

namespace geomsu::plugin {

inline constexpr double kUnknownNumber = std::numeric_limits<double>::quiet_NaN();

// The slots. `Make` is std::unique_ptr<geomsu_instance> (*)(Params).
namespace slots {

inline void check_index(const geomsu_instance& instance, std::uint32_t index) {
  if (index < instance.count()) return;
  throw Failure(GEOMSU_INVALID_ARGUMENT,
                "there is no device " + std::to_string(index) + ", there are " + std::to_string(instance.count()));
}

template <typename Ranked>
Ranked& of_rank(Ranked* object, const char* name, std::uint32_t rank) {
  Ranked& known = required(object, name);
  if (rank >= known.first_rank && rank - known.first_rank < known.ranks) return known;
  throw Failure(GEOMSU_INVALID_ARGUMENT, "rank " + std::to_string(rank) + " is not here: this process has " +
                                             std::to_string(known.ranks) + " from rank " +
                                             std::to_string(known.first_rank) + " on");
}

template <auto Make>
geomsu_error* instance_create(const geomsu_params* params, geomsu_instance** out) {
  return guard([&] { required(out, "out") = Make(params_of(params)).release(); });
}

inline void instance_destroy(geomsu_instance* instance) {
  guard_void([&] { delete instance; });
}

inline geomsu_error* device_count(geomsu_instance* instance, std::uint32_t* out) {
  return guard([&] { required(out, "out") = required(instance, "instance").count(); });
}

inline geomsu_error* describe(geomsu_instance* instance, std::uint32_t index, geomsu_description* out) {
  return guard([&] {
    auto& owner = required(instance, "instance");
    auto& to = sized(out, GEOMSU_DESCRIPTION_MIN_SIZE, "description");
    check_index(owner, index);
    to.memory_bytes = to.pcie_generation = to.pcie_width = GEOMSU_UNKNOWN;
    owner.describe(index, to);
  });
}

inline geomsu_error* device_open(geomsu_instance* instance, std::uint32_t index, geomsu_device** out) {
  return guard([&] {
    auto& owner = required(instance, "instance");
    auto& to = required(out, "out");
    check_index(owner, index);
    to = owner.open(index).release();
  });
}

inline void device_close(geomsu_device* device) {
  guard_void([&] { delete device; });
}

inline geomsu_error* clock_info(geomsu_device* device, geomsu_clock_info* out) {
  return guard([&] {
    auto& known = required(device, "device");
    known.clock_info(sized(out, GEOMSU_CLOCK_INFO_MIN_SIZE, "clock_info"));
  });
}

inline geomsu_error* device_clock(geomsu_device* device, std::uint64_t* ticks) {
  return guard([&] {
    auto& known = required(device, "device");
    required(ticks, "ticks") = known.clock();
  });
}

inline geomsu_error* telemetry(geomsu_device* device, geomsu_telemetry* out) {
  return guard([&] {
    auto& known = required(device, "device");
    auto& to = sized(out, GEOMSU_TELEMETRY_MIN_SIZE, "telemetry");
    to.power_w = to.energy_j = to.temperature_c = to.memory_temperature_c = to.clock_mhz = to.memory_clock_mhz =
        to.memory_used_bytes = to.foreign_load = kUnknownNumber;
    to.throttle = to.throttle_events = to.ecc_corrected = to.ecc_uncorrected = to.link_replays = to.fault_events =
        GEOMSU_UNKNOWN;
    known.telemetry(to);
  });
}

inline geomsu_error* group_create(geomsu_device* const* devices, std::uint32_t count, const geomsu_params* params,
                                  geomsu_group** out) {
  return guard([&] {
    required(devices, "devices");
    auto& to = required(out, "out");
    if (count == 0) throw Failure(GEOMSU_INVALID_ARGUMENT, "a group has one device at least");
    std::vector<geomsu_device*> members;
    for (std::uint32_t i = 0; i < count; ++i) members.push_back(&required(devices[i], "devices[i]"));
    const geomsu_peers* peers = nullptr;
    if (params != nullptr && params->next != nullptr)
      peers = &sized(static_cast<const geomsu_peers*>(params->next), GEOMSU_PEERS_MIN_SIZE, "peers");
    geomsu_device& first = *members.front();
    to = first.group(std::move(members), params_of(params), peers).release();
  });
}

inline void group_destroy(geomsu_group* group) {
  guard_void([&] { delete group; });
}

inline geomsu_error* workload_prepare(geomsu_group* group, const char* op, const geomsu_params* params,
                                      geomsu_workload** out) {
  return guard([&] {
    auto& known = required(group, "group");
    auto& to = required(out, "out");
    required(op, "op");
    to = known.prepare(op, params_of(params)).release();
  });
}

inline void workload_release(geomsu_workload* workload) {
  guard_void([&] { delete workload; });
}

inline geomsu_error* workload_info(geomsu_workload* workload, geomsu_workload_info* out) {
  return guard([&] {
    const auto& work = required(workload, "workload");
    auto& to = sized(out, GEOMSU_WORKLOAD_INFO_MIN_SIZE, "workload_info");
    to.deterministic = 1;
    work.info(to);
  });
}

inline geomsu_error* reseed(geomsu_workload* workload, std::uint64_t seed) {
  return guard([&] { required(workload, "workload").reseed(seed); });
}

inline geomsu_error* submit(geomsu_workload* workload, std::uint64_t repeats, geomsu_event** out) {
  return guard([&] {
    auto& work = required(workload, "workload");
    required(out, "out") = work.submit(repeats).release();
  });
}

inline geomsu_error* event_wait(geomsu_event* event, std::uint64_t timeout_ns) {
  return guard([&] {
    auto& known = required(event, "event");
    if (!known.wait(timeout_ns)) throw Failure(GEOMSU_TIMEOUT, "not done within " + std::to_string(timeout_ns) + " ns");
    known.finished = true;
  });
}

inline geomsu_error* event_span(geomsu_event* event, std::uint32_t rank, geomsu_span* out) {
  return guard([&] {
    const auto& known = of_rank(event, "event", rank);
    auto& to = sized(out, GEOMSU_SPAN_MIN_SIZE, "span");
    if (!known.finished) throw Failure(GEOMSU_INVALID_ARGUMENT, "event_span before event_wait saw the event done");
    const Span& span = known.span(rank);
    to.first = span.first;
    to.last = span.last;
    to.repeat_count = to.repeat_ends == nullptr ? 0 : std::min<std::uint64_t>(to.repeat_room, span.ends.size());
    std::copy_n(span.ends.begin(), to.repeat_count, to.repeat_ends);
  });
}

inline void event_destroy(geomsu_event* event) {
  guard_void([&] { delete event; });
}

inline geomsu_error* read(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                          const std::uint64_t* indices, std::uint64_t count, double* out) {
  return guard([&] {
    auto& work = of_rank(workload, "workload", rank);
    if (count == 0) return;
    work.read(tensor, rank, repeat, {&required(indices, "indices"), count}, &required(out, "out"));
  });
}

inline geomsu_error* project(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                             std::uint64_t seed, double* out, std::uint64_t room, std::uint64_t* count) {
  return guard([&] {
    auto& work = of_rank(workload, "workload", rank);
    auto& written = required(count, "count");
    const auto result = work.project(tensor, rank, repeat, seed);
    if (room < result.size()) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, "a projection of " + std::to_string(result.size()) +
                                                 " numbers into room for " + std::to_string(room));
    }
    std::copy(result.begin(), result.end(), &required(out, "out"));
    written = result.size();
  });
}

inline geomsu_error* digest(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                            std::uint64_t* out) {
  return guard([&] {
    auto& work = of_rank(workload, "workload", rank);
    required(out, "out") = work.digest(tensor, rank, repeat);
  });
}

inline const void* extension(geomsu_instance* instance, const char* id) {
  return instance == nullptr || id == nullptr ? nullptr : instance->extension(id);
}

}  // namespace slots

template <auto Make>
constexpr geomsu_plugin table(const char* name, const char* version, const char* simulated = nullptr) {
  return {
      .struct_size = sizeof(geomsu_plugin),
      .next = nullptr,
      .abi_major = GEOMSU_ABI_MAJOR,
      .abi_minor = GEOMSU_ABI_MINOR,
      .name = name,
      .version = version,
      .simulated = simulated,
      .error_code = error_code,
      .error_message = error_message,
      .error_destroy = error_destroy,
      .instance_create = slots::instance_create<Make>,
      .instance_destroy = slots::instance_destroy,
      .device_count = slots::device_count,
      .describe = slots::describe,
      .device_open = slots::device_open,
      .device_close = slots::device_close,
      .clock_info = slots::clock_info,
      .device_clock = slots::device_clock,
      .telemetry = slots::telemetry,
      .group_create = slots::group_create,
      .group_destroy = slots::group_destroy,
      .workload_prepare = slots::workload_prepare,
      .workload_release = slots::workload_release,
      .workload_info = slots::workload_info,
      .reseed = slots::reseed,
      .submit = slots::submit,
      .event_wait = slots::event_wait,
      .event_span = slots::event_span,
      .event_destroy = slots::event_destroy,
      .read = slots::read,
      .project = slots::project,
      .digest = slots::digest,
      .extension = slots::extension,
  };
}

// Whether a plug-in of this header serves the host.
inline bool serves(const geomsu_host* host) {
  return host != nullptr && host->struct_size >= GEOMSU_HOST_MIN_SIZE && host->abi_major == GEOMSU_ABI_MAJOR;
}

}  // namespace geomsu::plugin
