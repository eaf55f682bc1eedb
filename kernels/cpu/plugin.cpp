// The table of the CPU backend: each slot unpacks, calls and packs; the work is in the files named by what they do.
#include <algorithm>
#include <limits>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/backend.hpp"

namespace {

using geomsu::plugin::Failure;
using geomsu::plugin::guard;
using geomsu::plugin::guard_void;
using geomsu::plugin::put;
using geomsu::plugin::required;
using geomsu::plugin::sized;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

geomsu_error* instance_create(const geomsu_params* params, geomsu_instance** out) {
  return guard([&] { required(out, "out") = new geomsu_instance(geomsu::plugin::params_of(params)); });
}
void instance_destroy(geomsu_instance* instance) { delete instance; }

geomsu_error* device_count(geomsu_instance* instance, std::uint32_t* out) {
  return guard([&] { required(out, "out") = static_cast<std::uint32_t>(required(instance, "instance").sets.size()); });
}

void check_index(const geomsu_instance& instance, std::uint32_t index) {
  if (index < instance.sets.size()) return;
  throw Failure(GEOMSU_INVALID_ARGUMENT,
                "there is no device " + std::to_string(index) + ", there are " + std::to_string(instance.sets.size()));
}

geomsu_error* describe(geomsu_instance* instance, std::uint32_t index, geomsu_description* out) {
  return guard([&] {
    auto& owner = required(instance, "instance");
    auto& to = sized(out, GEOMSU_DESCRIPTION_MIN_SIZE, "description");
    check_index(owner, index);
    auto& kept = owner.descriptions[index];
    if (!kept) {
      kept = std::make_unique<geomsu::cpu::Description>(
          geomsu::cpu::describe(owner.sets[index], index, owner.sets.size(), owner.split));
      if (owner.shared_cores) kept->partition += ", cores shared with others of them";
    }
    to.name = kept->name.c_str();
    to.vendor = text_or_null(kept->vendor);
    to.uuid = kept->uuid.c_str();
    to.serial = kept->serial.c_str();
    to.pci_address = nullptr;
    to.driver = kept->driver.c_str();
    to.firmware = kept->firmware ? kept->firmware->c_str() : nullptr;
    to.partition = text_or_null(kept->partition);
    to.memory_bytes = kept->memory_bytes == 0 ? GEOMSU_UNKNOWN : kept->memory_bytes;
    to.pcie_generation = GEOMSU_UNKNOWN;
    to.pcie_width = GEOMSU_UNKNOWN;
    to.attributes = kept->pointers.data();
    to.attribute_count = kept->pointers.size();
  });
}

void check_rank(std::uint32_t rank, std::uint32_t ranks) {
  if (rank < ranks) return;
  throw Failure(GEOMSU_INVALID_ARGUMENT,
                "there is no rank " + std::to_string(rank) + ": the group has " + std::to_string(ranks));
}

geomsu_error* device_open(geomsu_instance* instance, std::uint32_t index, geomsu_device** out) {
  return guard([&] {
    auto& owner = required(instance, "instance");
    auto& to = required(out, "out");
    check_index(owner, index);
    to = new geomsu_device(owner, index);
  });
}
void device_close(geomsu_device* device) { delete device; }

geomsu_error* clock_info(geomsu_device* device, geomsu_clock_info* out) {
  return guard([&] {
    required(device, "device");
    auto& to = sized(out, GEOMSU_CLOCK_INFO_MIN_SIZE, "clock_info");
    to.ticks_per_second = 1'000'000'000;
    to.valid_bits = 64;
    to.domain = GEOMSU_CLOCK_HOST;
  });
}

geomsu_error* device_clock(geomsu_device* device, std::uint64_t* ticks) {
  return guard([&] {
    required(device, "device");
    required(ticks, "ticks") = geomsu::cpu::raw_now_ns();
  });
}

geomsu_error* telemetry(geomsu_device* device, geomsu_telemetry* out) {
  return guard([&] {
    auto& source = *required(device, "device").telemetry;
    auto& to = sized(out, GEOMSU_TELEMETRY_MIN_SIZE, "telemetry");
    const auto reading = source.read();
    to.power_w = reading.power_w.value_or(kNan);
    to.energy_j = reading.energy_j.value_or(kNan);
    to.temperature_c = reading.temperature_c.value_or(kNan);
    to.memory_temperature_c = kNan;
    to.clock_mhz = reading.clock_mhz.value_or(kNan);
    to.memory_clock_mhz = kNan;
    to.memory_used_bytes = reading.memory_used_bytes.value_or(kNan);
    to.foreign_load = reading.foreign_load.value_or(kNan);
    to.throttle = reading.throttle.value_or(GEOMSU_UNKNOWN);
    to.throttle_events = reading.throttle_events.value_or(GEOMSU_UNKNOWN);
    to.ecc_corrected = reading.ecc_corrected.value_or(GEOMSU_UNKNOWN);
    to.ecc_uncorrected = reading.ecc_uncorrected.value_or(GEOMSU_UNKNOWN);
    to.link_replays = GEOMSU_UNKNOWN;
    to.fault_events = GEOMSU_UNKNOWN;
  });
}

geomsu_error* group_create(geomsu_device* const* devices, std::uint32_t count, const geomsu_params* params,
                           geomsu_group** out) {
  return guard([&] {
    required(devices, "devices");
    auto& to = required(out, "out");
    if (count == 0) throw Failure(GEOMSU_INVALID_ARGUMENT, "a group has one device at least");
    const auto settings = geomsu::plugin::params_of(params);
    if (!settings.empty()) {
      throw Failure(GEOMSU_INVALID_ARGUMENT,
                    "a group of the cpu backend has no setting '" + settings.begin()->first + "'");
    }
    if (params != nullptr && params->next != nullptr) {
      const auto* peers = static_cast<const geomsu_peers*>(params->next);
      if (sized(peers, GEOMSU_PEERS_MIN_SIZE, "peers").processes > 1) {
        throw Failure(GEOMSU_UNSUPPORTED,
                      "a group of the cpu backend is of devices of one process; next: one worker for all of them");
      }
    }
    std::vector<geomsu_device*> members;
    for (std::uint32_t i = 0; i < count; ++i) members.push_back(&required(devices[i], "devices[i]"));
    to = new geomsu_group(std::move(members));
  });
}
void group_destroy(geomsu_group* group) { delete group; }

geomsu_error* workload_prepare(geomsu_group* group, const char* op, const geomsu_params* params,
                               geomsu_workload** out) {
  return guard([&] {
    auto& known = required(group, "group");
    auto& to = required(out, "out");
    required(op, "op");
    to = geomsu::cpu::prepare(known, op, geomsu::plugin::params_of(params)).release();
  });
}
void workload_release(geomsu_workload* workload) { delete workload; }

geomsu_error* workload_info(geomsu_workload* workload, geomsu_workload_info* out) {
  return guard([&] {
    const auto& work = required(workload, "workload");
    auto& to = sized(out, GEOMSU_WORKLOAD_INFO_MIN_SIZE, "workload_info");
    to.deterministic = 1;
    work.info(to);
  });
}

geomsu_error* reseed(geomsu_workload* workload, std::uint64_t seed) {
  return guard([&] { required(workload, "workload").reseed(seed); });
}

geomsu_error* submit(geomsu_workload* workload, std::uint64_t repeats, geomsu_event** out) {
  return guard([&] {
    auto& work = required(workload, "workload");
    required(out, "out") = work.submit(repeats).release();
  });
}

geomsu_error* event_wait(geomsu_event* event, std::uint64_t timeout_ns) {
  return guard([&] {
    auto& known = required(event, "event");
    if (!known.wait(timeout_ns)) {
      throw Failure(GEOMSU_TIMEOUT, "not done within " + std::to_string(timeout_ns) + " ns");
    }
    known.finished = true;
  });
}

geomsu_error* event_span(geomsu_event* event, std::uint32_t rank, geomsu_span* out) {
  return guard([&] {
    const auto& known = required(event, "event");
    auto& to = sized(out, GEOMSU_SPAN_MIN_SIZE, "span");
    check_rank(rank, known.ranks);
    if (!known.finished) throw Failure(GEOMSU_INVALID_ARGUMENT, "event_span before event_wait saw the event done");
    const geomsu::cpu::Span& span = known.span(rank);
    to.first = span.first;
    to.last = span.last;
    to.repeat_count = to.repeat_ends == nullptr ? 0 : std::min<std::uint64_t>(to.repeat_room, span.ends.size());
    std::copy_n(span.ends.begin(), to.repeat_count, to.repeat_ends);
  });
}
void event_destroy(geomsu_event* event) { delete event; }

geomsu_workload& of_rank(geomsu_workload* workload, std::uint32_t rank) {
  auto& known = required(workload, "workload");
  check_rank(rank, known.ranks);
  return known;
}

geomsu_error* read(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                   const std::uint64_t* indices, std::uint64_t count, double* out) {
  return guard([&] {
    auto& work = of_rank(workload, rank);
    if (count == 0) return;
    work.read(tensor, rank, repeat, {&required(indices, "indices"), count}, &required(out, "out"));
  });
}

geomsu_error* project(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                      std::uint64_t seed, double* out, std::uint64_t room, std::uint64_t* count) {
  return guard([&] {
    auto& work = of_rank(workload, rank);
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

geomsu_error* digest(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                     std::uint64_t* out) {
  return guard([&] { required(out, "out") = of_rank(workload, rank).digest(tensor, rank, repeat); });
}

const void* extension(geomsu_instance*, const char*) { return nullptr; }

constexpr geomsu_plugin kTable{
    .struct_size = sizeof(geomsu_plugin),
    .next = nullptr,
    .abi_major = GEOMSU_ABI_MAJOR,
    .abi_minor = GEOMSU_ABI_MINOR,
    .name = "cpu",
    .version = GEOMSU_CPU_VERSION,
    .simulated = nullptr,
    .error_code = geomsu::plugin::error_code,
    .error_message = geomsu::plugin::error_message,
    .error_destroy = geomsu::plugin::error_destroy,
    .instance_create = instance_create,
    .instance_destroy = instance_destroy,
    .device_count = device_count,
    .describe = describe,
    .device_open = device_open,
    .device_close = device_close,
    .clock_info = clock_info,
    .device_clock = device_clock,
    .telemetry = telemetry,
    .group_create = group_create,
    .group_destroy = group_destroy,
    .workload_prepare = workload_prepare,
    .workload_release = workload_release,
    .workload_info = workload_info,
    .reseed = reseed,
    .submit = submit,
    .event_wait = event_wait,
    .event_span = event_span,
    .event_destroy = event_destroy,
    .read = read,
    .project = project,
    .digest = digest,
    .extension = extension,
};

}  // namespace

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  if (host == nullptr || host->struct_size < GEOMSU_HOST_MIN_SIZE || host->abi_major != GEOMSU_ABI_MAJOR)
    return nullptr;
  return &kTable;
}
