// The C table of the fake. Compile definitions make the variants whose table itself is at fault: GEOMSU_FAKE_NULL,
// GEOMSU_FAKE_BAD_MAJOR, GEOMSU_FAKE_OLD_MINOR, GEOMSU_FAKE_NEW_MINOR, GEOMSU_FAKE_SHORT, GEOMSU_FAKE_HOLLOW; and
// GEOMSU_FAKE_LEAKY, which forgets the host's memory of a released workload.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kernels/fake/guard.hpp"
#include "kernels/fake/objects.hpp"
#include "kernels/ops/params.hpp"

geomsu_instance::geomsu_instance(const geomsu::fake::Script& script) : now_ns(script.start_ns) {
  for (std::uint32_t i = 0; i < script.devices.size(); ++i) {
    devices.push_back(std::make_unique<geomsu::fake::Device>(script.devices[i], i, script.seed, script.start_ns));
  }
}

namespace geomsu::fake {
namespace {

constexpr double kReadSeconds = 1e-4;  // scripted, of a read, a projection or a digest
constexpr std::uint64_t kClockReadNs = 100;

std::uint32_t error_code(const geomsu_error* error) { return error->code; }
const char* error_message(const geomsu_error* error) { return error->message.c_str(); }
void error_destroy(geomsu_error* error) {
  if (error != out_of_memory()) delete error;
}

geomsu_error* instance_create(const geomsu_params* params, geomsu_instance** out) {
  return guard([&] {
    std::string script, devices = "1", time = "scripted";
    for (std::uint64_t i = 0; i < params->count; ++i) {
      const std::string key = params->items[i].key, value = params->items[i].value;
      if (key == "script") {
        script = value;
      } else if (key == "devices") {
        devices = value;
      } else if (key == "time" && (value == "scripted" || value == "real")) {
        time = value;
      } else {
        throw Failure(GEOMSU_INVALID_ARGUMENT, "the fake has no setting '" + key +
                                                   "'; it has 'script', 'devices' and 'time' (scripted or real)");
      }
    }
    const auto count = ops::parse_count(devices);
    if (!count || *count > 4096)
      throw Failure(GEOMSU_INVALID_ARGUMENT, "devices must be from 0 to 4096, got '" + devices + "'");
    Script loaded = load_script(script, static_cast<std::uint32_t>(*count));
    if (time == "real") loaded.start_ns = 0;  // devices count from the host's own zero
    auto instance = std::make_unique<geomsu_instance>(loaded);
    instance->real_time = time == "real";
    for (const auto& device : instance->devices) device->strike("instance_create");
    *out = instance.release();
  });
}
void instance_destroy(geomsu_instance* instance) { delete instance; }

geomsu_error* device_count(geomsu_instance* instance, std::uint32_t* out) {
  return guard([&] { *out = static_cast<std::uint32_t>(instance->devices.size()); });
}

Device& device_at(geomsu_instance& instance, std::uint32_t index) {
  if (index < instance.devices.size()) return *instance.devices[index];
  throw Failure(GEOMSU_INVALID_ARGUMENT,
                "device " + std::to_string(index) + " of " + std::to_string(instance.devices.size()));
}

// One slot of a device: its scripted faults first, then the work under the lock.
template <class Body>
geomsu_error* slot(geomsu_instance* instance, Device& device, const char* name, Body body) {
  return guard([&] {
    device.strike(name);
    const std::lock_guard lock(instance->mutex);
    body();
  });
}

geomsu_error* describe(geomsu_instance* instance, std::uint32_t index, geomsu_description* out) {
  return guard([&] {
    Device& device = device_at(*instance, index);
    device.strike("describe");
    const std::lock_guard lock(instance->mutex);
    device.describe(*out);
  });
}

geomsu_error* device_open(geomsu_instance* instance, std::uint32_t index, geomsu_device** out) {
  return guard([&] {
    Device& device = device_at(*instance, index);
    device.strike("device_open");
    *out = new geomsu_device{instance, &device};
  });
}
void device_close(geomsu_device* device) { delete device; }

geomsu_error* clock_info(geomsu_device* device, geomsu_clock_info* out) {
  return slot(device->instance, *device->device, "clock_info", [&] {
    const ClockScript& clock = device->device->script().clock;
    out->ticks_per_second = clock.ticks_per_second;
    out->valid_bits = clock.valid_bits;
    out->domain = clock.host_domain ? GEOMSU_CLOCK_HOST : GEOMSU_CLOCK_DEVICE;
  });
}

geomsu_error* device_clock(geomsu_device* device, std::uint64_t* ticks) {
  return slot(device->instance, *device->device, "device_clock", [&] {
    pass(*device->instance, kClockReadNs);
    *ticks = device->device->ticks(device->instance->now_ns);
    pass(*device->instance, kClockReadNs);
  });
}

geomsu_error* telemetry(geomsu_device* device, geomsu_telemetry* out) {
  return slot(device->instance, *device->device, "telemetry",
              [&] { device->device->telemetry(*out, device->instance->now_ns); });
}

// Ranks of a group over several processes: each tells where its own begin, and they must cover the group in order.
void join(geomsu_group& group, const geomsu_peers& peers) {
  if (peers.struct_size < GEOMSU_PEERS_MIN_SIZE || peers.all_gather == nullptr || peers.processes == 0)
    throw Failure(GEOMSU_INVALID_ARGUMENT, "group_create's `next` is no geomsu_peers");
  using Ranks = std::array<std::uint32_t, 2>;  // the first, how many
  const Ranks mine = {peers.first_rank, static_cast<std::uint32_t>(group.devices.size())};
  std::vector<Ranks> all(peers.processes);
  if (peers.all_gather(peers.user, &mine, sizeof mine, all.data()) != 0)
    throw Failure(GEOMSU_INTERNAL, "the other processes of the group cannot be reached");
  std::uint32_t next = 0;
  for (const auto& [first, count] : all) {
    if (first != next)
      throw Failure(GEOMSU_INVALID_ARGUMENT, "rank " + std::to_string(next) + " of the group is nobody's");
    next += count;
  }
  if (next != peers.ranks) {
    throw Failure(GEOMSU_INVALID_ARGUMENT,
                  "a group of " + std::to_string(peers.ranks) + " ranks has " + std::to_string(next) + " devices");
  }
  group.first_rank = peers.first_rank;
  group.ranks = peers.ranks;
}

geomsu_error* group_create(geomsu_device* const* devices, std::uint32_t count, const geomsu_params* params,
                           geomsu_group** out) {
  return guard([&] {
    if (count == 0) throw Failure(GEOMSU_INVALID_ARGUMENT, "a group of no devices");
    auto group = std::make_unique<geomsu_group>(geomsu_group{{devices, devices + count}, 0, count});
    for (std::uint32_t i = 1; i < count; ++i) {
      if (devices[i]->instance != devices[0]->instance)
        throw Failure(GEOMSU_INVALID_ARGUMENT, "a group of devices of two instances");
    }
    for (const geomsu_device* device : group->devices) device->device->strike("group_create");
    if (params->next != nullptr) join(*group, *static_cast<const geomsu_peers*>(params->next));
    *out = group.release();
  });
}
void group_destroy(geomsu_group* group) { delete group; }

// As slot(), of all devices of a workload.
template <class Body>
geomsu_error* slot(geomsu_workload& workload, const char* name, Body body) {
  return guard([&] {
    for (const Member& member : workload.members) member.device->strike(name);
    const std::lock_guard lock(workload.instance->mutex);
    body();
  });
}

// As slot(), of one rank of a workload: body(its place among the members).
template <class Body>
geomsu_error* slot(geomsu_workload& workload, std::uint32_t rank, const char* name, Body body) {
  return guard([&] {
    const std::size_t count = workload.members.size(), place = std::size_t{rank} - workload.first_rank;
    if (place >= count) {
      const std::string here = workload.first_rank == 0
                                   ? "of a group of " + std::to_string(count)
                                   : "is not here: " + std::to_string(workload.first_rank) + " to " +
                                         std::to_string(workload.first_rank + count - 1) + " are";
      throw Failure(GEOMSU_INVALID_ARGUMENT, "rank " + std::to_string(rank) + " " + here);
    }
    workload.members[place].device->strike(name);
    const std::lock_guard lock(workload.instance->mutex);
    body(place);
  });
}

geomsu_error* workload_prepare(geomsu_group* group, const char* op, const geomsu_params* params,
                               geomsu_workload** out) {
  return guard([&] {
    for (const geomsu_device* device : group->devices) device->device->strike("workload_prepare");
    const std::lock_guard lock(group->devices.front()->instance->mutex);
    *out = prepare(*group, op, *params);
  });
}

void workload_release(geomsu_workload* workload) {
  const std::lock_guard lock(workload->instance->mutex);
  for (const Member& member : workload->members) member.device->give_memory_back(member.memory_bytes);
#if !defined(GEOMSU_FAKE_LEAKY)
  delete workload;
#endif
}

geomsu_error* workload_info(geomsu_workload* workload, geomsu_workload_info* out) {
  return slot(*workload, "workload_info", [&] {
    out->memory_bytes = 0;
    for (const Member& member : workload->members) out->memory_bytes += member.memory_bytes;
    out->operand_sets = workload->sets;
    out->algorithm = "fake 1.0, element by element from the generator";
    out->deterministic = 1;
    out->refill = workload->refill_every_block ? GEOMSU_REFILL_BLOCK : GEOMSU_REFILL_TRIAL;
  });
}

geomsu_error* reseed_slot(geomsu_workload* workload, std::uint64_t seed) {
  return slot(*workload, "reseed", [&] { reseed(*workload, seed); });
}

geomsu_error* submit_slot(geomsu_workload* workload, std::uint64_t repeats, geomsu_event** out) {
  return slot(*workload, "submit", [&] { *out = submit(*workload, repeats); });
}

// In real time the work is slept through without the lock, so that telemetry goes on.
void sleep_through(geomsu_event& event, std::uint64_t timeout_ns) {
  std::uint64_t ns = 0;
  {
    const std::lock_guard lock(event.workload->instance->mutex);
    if (!event.workload->instance->real_time || event.done) return;
    begin(event);
    ns = std::min(timeout_ns, left_ns(event));
  }
  std::this_thread::sleep_for(std::chrono::nanoseconds(ns));
}

geomsu_error* event_wait(geomsu_event* event, std::uint64_t timeout_ns) {
  return guard([&] {
    for (const Member& member : event->workload->members) member.device->strike("event_wait");
    sleep_through(*event, timeout_ns);
    const std::lock_guard lock(event->workload->instance->mutex);
    wait(*event, timeout_ns);
  });
}

geomsu_error* event_span(geomsu_event* event, std::uint32_t rank, geomsu_span* out) {
  return slot(*event->workload, rank, "event_span", [&](std::size_t place) { span(*event, place, *out); });
}
void event_destroy(geomsu_event* event) { delete event; }

Member& readable(geomsu_workload& workload, std::size_t place) {
  Member& member = workload.members[place];
  member.device->check_lost();
  if (!workload.seeded) throw Failure(GEOMSU_INVALID_ARGUMENT, "nothing to read before the first reseed");
  pass_seconds(*workload.instance, kReadSeconds);
  return member;
}

geomsu_error* read(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                   const std::uint64_t* indices, std::uint64_t count, double* out) {
  return slot(*workload, rank, "read", [&](std::size_t place) {
    const Member& member = readable(*workload, place);
    const std::uint64_t elements = member.output->elements(tensor);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (indices[i] >= elements) {
        throw Failure(GEOMSU_INVALID_ARGUMENT, "element " + std::to_string(indices[i]) + " of tensor " +
                                                   std::to_string(tensor) + ", which has " + std::to_string(elements));
      }
      out[i] = member.output->element(member.state, tensor, repeat, indices[i]);
    }
  });
}

geomsu_error* project(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                      std::uint64_t seed, double* out, std::uint64_t room, std::uint64_t* count) {
  return slot(*workload, rank, "project", [&](std::size_t place) {
    const Member& member = readable(*workload, place);
    if (tensor != GEOMSU_TENSOR_OUTPUT) throw Failure(GEOMSU_UNSUPPORTED, "only the output can be projected");
    const std::vector<double> sums = member.output->project(member.state, repeat, seed);
    if (sums.size() > room) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, "the projection has " + std::to_string(sums.size()) +
                                                 " numbers, there is room for " + std::to_string(room));
    }
    std::copy(sums.begin(), sums.end(), out);
    *count = sums.size();
  });
}

geomsu_error* digest(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                     std::uint64_t* out) {
  return slot(*workload, rank, "digest", [&](std::size_t place) {
    const Member& member = readable(*workload, place);
    if (tensor != GEOMSU_TENSOR_OUTPUT) throw Failure(GEOMSU_UNSUPPORTED, "only the output has a digest");
    *out = member.output->digest(member.state, repeat, workload->name);
  });
}

std::uint64_t now_ns(geomsu_instance* instance) {
  const std::lock_guard lock(instance->mutex);
  return instance->now_ns;
}
void advance_ns(geomsu_instance* instance, std::uint64_t ns) {
  const std::lock_guard lock(instance->mutex);
  instance->now_ns += ns;
}

const void* extension(geomsu_instance* instance, const char* id) {
  if (instance->real_time) return nullptr;
  static const geomsu_scripted_time time = {sizeof(geomsu_scripted_time), nullptr, now_ns, advance_ns};
  return std::string_view(id) == GEOMSU_EXTENSION_SCRIPTED_TIME ? &time : nullptr;
}

constexpr geomsu_plugin healthy_table() {
  return {sizeof(geomsu_plugin),
          nullptr,
          GEOMSU_ABI_MAJOR,
          GEOMSU_ABI_MINOR,
          "fake",
          "1.0",
          "fake",
          error_code,
          error_message,
          error_destroy,
          instance_create,
          instance_destroy,
          device_count,
          describe,
          device_open,
          device_close,
          clock_info,
          device_clock,
          telemetry,
          group_create,
          group_destroy,
          workload_prepare,
          workload_release,
          workload_info,
          reseed_slot,
          submit_slot,
          event_wait,
          event_span,
          event_destroy,
          read,
          project,
          digest,
          extension};
}

// A table as a later minor would have it: one slot more than this header knows.
struct NewerTable {
  geomsu_plugin known;
  void (*unknown)();
};

constexpr NewerTable table() {
  NewerTable made = {healthy_table(), nullptr};
#if defined(GEOMSU_FAKE_BAD_MAJOR)
  made.known.abi_major = GEOMSU_ABI_MAJOR + 1;
#elif defined(GEOMSU_FAKE_OLD_MINOR)
  made.known.abi_minor = 0;
  made.known.struct_size = GEOMSU_PLUGIN_MIN_SIZE;
#elif defined(GEOMSU_FAKE_NEW_MINOR)
  made.known.abi_minor = GEOMSU_ABI_MINOR + 7;
  made.known.struct_size = sizeof(NewerTable);
#elif defined(GEOMSU_FAKE_SHORT)
  made.known.struct_size = GEOMSU_PLUGIN_MIN_SIZE - 8;
#elif defined(GEOMSU_FAKE_HOLLOW)
  made.known.digest = nullptr;
#elif defined(GEOMSU_FAKE_EMULATED)
  made.known.simulated = "emulated";
#elif defined(GEOMSU_FAKE_UNMARKED)
  made.known.simulated = nullptr;
#endif
  return made;
}
constexpr NewerTable kTable = table();
}  // namespace
}  // namespace geomsu::fake

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
#if defined(GEOMSU_FAKE_NULL)
  static_cast<void>(host);
  return nullptr;
#else
  return host->abi_major == GEOMSU_ABI_MAJOR ? &geomsu::fake::kTable.known : nullptr;
#endif
}
