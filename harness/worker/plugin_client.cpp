#include "harness/worker/plugin_client.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu::worker {
namespace {
using protocol::Status;

constexpr std::size_t kLongestText = 4096;
constexpr std::uint64_t kMostAttributes = 256;
constexpr std::int64_t kScriptedUtcNs = 1'772'000'000'000'000'000;  // of FakeClock

Status status_of(std::uint32_t code) {
  switch (code) {
    case GEOMSU_UNSUPPORTED:
      return Status::kUnsupported;
    case GEOMSU_OUT_OF_MEMORY:
      return Status::kOutOfMemory;
    case GEOMSU_DEVICE_LOST:
      return Status::kDeviceLost;
    case GEOMSU_TIMEOUT:
      return Status::kTimeout;
    default:
      return Status::kError;
  }
}

std::string text_of(const char* text) {
  if (text == nullptr) return {};
  const std::string_view all(text);
  return valid_utf8(all.substr(0, kLongestText));
}

std::optional<std::string> known(const char* text) {
  if (text == nullptr || *text == '\0') return std::nullopt;
  return text_of(text);
}
std::optional<std::uint64_t> known(std::uint64_t value) {
  return value == GEOMSU_UNKNOWN ? std::nullopt : std::optional(value);
}
std::optional<double> known(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

// Pairs of C strings that point into `params`, which must outlive them.
struct CParams {
  explicit CParams(const Params& params) {
    for (const auto& [key, value] : params) items.push_back({key.c_str(), value.c_str()});
    view = {sizeof view, nullptr, items.data(), items.size()};
  }
  CParams(const CParams&) = delete;
  CParams& operator=(const CParams&) = delete;
  std::vector<geomsu_param> items;
  geomsu_params view{};
};

Fault broken(std::string_view slot, std::string_view what) {
  return {Status::kError, fmt::format("{}: the plug-in {}; this is a fault of the plug-in", slot, what)};
}
}  // namespace

std::optional<Fault> PluginClient::check(std::string_view slot, geomsu_error* error) const {
  if (error == nullptr) return std::nullopt;
  const std::uint32_t code = table_.error_code(error);
  std::string reason = text_of(table_.error_message(error));
  table_.error_destroy(error);
  if (reason.empty()) reason = fmt::format("error {} without words", code);
  return Fault{status_of(code), fmt::format("{}: {}", slot, reason)};
}

Try<std::unique_ptr<PluginClient>> PluginClient::create(const geomsu_plugin& table, const Params& params) {
  std::unique_ptr<PluginClient> client(new PluginClient(table));
  const CParams settings(params);
  geomsu_instance* instance = nullptr;
  if (auto fault = client->check("instance_create", table.instance_create(&settings.view, &instance))) return *fault;
  if (instance == nullptr) return broken("instance_create", "gave neither an instance nor an error");
  client->instance_ = {instance, {table.instance_destroy}};
  return client;
}

const geomsu_scripted_time* PluginClient::scripted_time() const {
  if (table_.simulated == nullptr) return nullptr;  // a real backend has no say in the host's time
  const void* found = table_.extension(instance_.get(), GEOMSU_EXTENSION_SCRIPTED_TIME);
  const auto* time = static_cast<const geomsu_scripted_time*>(found);
  if (time == nullptr || time->struct_size < sizeof(geomsu_scripted_time)) return nullptr;
  return time->now_ns == nullptr || time->advance_ns == nullptr ? nullptr : time;
}

Try<std::uint32_t> PluginClient::device_count() const {
  std::uint32_t count = 0;
  if (auto fault = check("device_count", table_.device_count(instance_.get(), &count))) return *fault;
  return count;
}

Try<DeviceInfo> PluginClient::describe(std::uint32_t index) const {
  geomsu_description raw{};
  raw.struct_size = sizeof raw;
  raw.memory_bytes = raw.pcie_generation = raw.pcie_width = GEOMSU_UNKNOWN;
  if (auto fault = check("describe", table_.describe(instance_.get(), index, &raw))) return *fault;
  DeviceInfo info;
  info.index = index;
  info.backend = text_of(table_.name);
  info.name = text_of(raw.name);
  info.vendor = text_of(raw.vendor);
  info.uuid = text_of(raw.uuid);
  info.serial = known(raw.serial);
  info.pci_address = known(raw.pci_address);
  info.driver = known(raw.driver);
  info.firmware = known(raw.firmware);
  info.partition = known(raw.partition);
  info.memory_bytes = known(raw.memory_bytes);
  info.pcie_generation = known(raw.pcie_generation);
  info.pcie_width = known(raw.pcie_width);
  if (raw.attribute_count > 0 && raw.attributes == nullptr)
    return broken("describe", "counts attributes but gives none");
  for (std::uint64_t i = 0; i < raw.attribute_count && i < kMostAttributes; ++i) {
    info.attributes.emplace(text_of(raw.attributes[i].key), text_of(raw.attributes[i].value));
  }
  if (info.uuid.empty())
    return broken("describe", fmt::format("gives device {} no uuid: it cannot be told apart", index));
  return info;
}

Try<Handle<geomsu_device>> PluginClient::open(std::uint32_t index) const {
  geomsu_device* device = nullptr;
  if (auto fault = check("device_open", table_.device_open(instance_.get(), index, &device))) return *fault;
  if (device == nullptr) return broken("device_open", "gave neither a device nor an error");
  return Handle<geomsu_device>(device, {table_.device_close});
}

Try<ClockInfo> PluginClient::clock_info(geomsu_device* device) const {
  geomsu_clock_info raw{};
  raw.struct_size = sizeof raw;
  if (auto fault = check("clock_info", table_.clock_info(device, &raw))) return *fault;
  if (raw.ticks_per_second == 0) return broken("clock_info", "declares 0 ticks a second");
  if (raw.valid_bits < 1 || raw.valid_bits > 64) {
    return broken("clock_info", fmt::format("declares {} valid bits", raw.valid_bits));
  }
  if (raw.domain != GEOMSU_CLOCK_HOST && raw.domain != GEOMSU_CLOCK_DEVICE) {
    return broken("clock_info", fmt::format("declares the unknown clock domain {}", raw.domain));
  }
  return ClockInfo{raw.domain == GEOMSU_CLOCK_HOST ? "host" : "device", raw.ticks_per_second, raw.valid_bits};
}

Try<std::uint64_t> PluginClient::device_clock(geomsu_device* device) const {
  std::uint64_t ticks = 0;
  if (auto fault = check("device_clock", table_.device_clock(device, &ticks))) return *fault;
  return ticks;
}

Try<Telemetry> PluginClient::telemetry(geomsu_device* device) const {
  geomsu_telemetry raw{};
  raw.struct_size = sizeof raw;
  raw.power_w = raw.energy_j = raw.temperature_c = raw.memory_temperature_c = raw.clock_mhz = raw.memory_clock_mhz =
      raw.memory_used_bytes = raw.foreign_load = std::numeric_limits<double>::quiet_NaN();
  raw.throttle = raw.throttle_events = raw.ecc_corrected = raw.ecc_uncorrected = raw.link_replays = raw.fault_events =
      GEOMSU_UNKNOWN;
  {
    const std::lock_guard lock(telemetry_mutex_);
    if (auto fault = check("telemetry", table_.telemetry(device, &raw))) return *fault;
  }
  Telemetry reading;
  reading.power_w = known(raw.power_w);
  reading.energy_j = known(raw.energy_j);
  reading.temperature_c = known(raw.temperature_c);
  reading.memory_temperature_c = known(raw.memory_temperature_c);
  reading.clock_mhz = known(raw.clock_mhz);
  reading.memory_clock_mhz = known(raw.memory_clock_mhz);
  reading.memory_used_bytes = known(raw.memory_used_bytes);
  reading.foreign_load = known(raw.foreign_load);
  reading.throttle = known(raw.throttle);
  reading.throttle_events = known(raw.throttle_events);
  reading.ecc_corrected = known(raw.ecc_corrected);
  reading.ecc_uncorrected = known(raw.ecc_uncorrected);
  reading.link_replays = known(raw.link_replays);
  reading.fault_events = known(raw.fault_events);
  return reading;
}

Try<Handle<geomsu_group>> PluginClient::group(const std::vector<geomsu_device*>& devices, const Peers* peers) const {
  CParams none{Params{}};
  geomsu_peers others{};
  if (peers != nullptr) {
    others.struct_size = sizeof others;
    others.process = peers->process;
    others.processes = peers->processes;
    others.first_rank = peers->first_rank;
    others.ranks = peers->ranks;
    others.user = const_cast<Peers*>(peers);
    others.all_gather = [](void* user, const void* mine, std::uint64_t bytes, void* all) noexcept -> std::uint32_t {
      try {
        return static_cast<const Peers*>(user)->all_gather(mine, bytes, all) ? 0 : 1;
      } catch (...) {
        return 1;  // nothing may be thrown across the boundary
      }
    };
    none.view.next = &others;
  }
  geomsu_group* group = nullptr;
  if (auto fault = check("group_create", table_.group_create(devices.data(), static_cast<std::uint32_t>(devices.size()),
                                                             &none.view, &group))) {
    return *fault;
  }
  if (group == nullptr) return broken("group_create", "gave neither a group nor an error");
  return Handle<geomsu_group>(group, {table_.group_destroy});
}

Try<Handle<geomsu_workload>> PluginClient::prepare(geomsu_group* group, const std::string& op,
                                                   const Params& params) const {
  const CParams settings(params);
  geomsu_workload* workload = nullptr;
  if (auto fault = check("workload_prepare", table_.workload_prepare(group, op.c_str(), &settings.view, &workload))) {
    return *fault;
  }
  if (workload == nullptr) return broken("workload_prepare", "gave neither a workload nor an error");
  return Handle<geomsu_workload>(workload, {table_.workload_release});
}

Try<protocol::PrepareResult> PluginClient::workload_info(geomsu_workload* workload) const {
  geomsu_workload_info raw{};
  raw.struct_size = sizeof raw;
  if (auto fault = check("workload_info", table_.workload_info(workload, &raw))) return *fault;
  if (raw.operand_sets == 0) return broken("workload_info", "keeps 0 operand sets");
  if (raw.refill != GEOMSU_REFILL_BLOCK && raw.refill != GEOMSU_REFILL_TRIAL) {
    return broken("workload_info", fmt::format("gives the unknown refill rule {}", raw.refill));
  }
  protocol::PrepareResult result;
  result.memory_bytes = raw.memory_bytes;
  result.operand_sets = raw.operand_sets;
  result.algorithm = text_of(raw.algorithm);
  result.deterministic = raw.deterministic == 1;
  result.refill_every_block = raw.refill == GEOMSU_REFILL_BLOCK;
  return result;
}

std::optional<Fault> PluginClient::reseed(geomsu_workload* workload, std::uint64_t seed) const {
  return check("reseed", table_.reseed(workload, seed));
}

Try<Handle<geomsu_event>> PluginClient::submit(geomsu_workload* workload, std::uint64_t repeats) const {
  geomsu_event* event = nullptr;
  if (auto fault = check("submit", table_.submit(workload, repeats, &event))) return *fault;
  if (event == nullptr) return broken("submit", "gave neither an event nor an error");
  return Handle<geomsu_event>(event, {table_.event_destroy});
}

std::optional<Fault> PluginClient::wait(geomsu_event* event, std::uint64_t timeout_ns) const {
  return check("event_wait", table_.event_wait(event, timeout_ns));
}

Try<protocol::Span> PluginClient::span(geomsu_event* event, std::uint32_t rank, std::uint32_t repeat_ticks) const {
  protocol::Span result;
  result.repeat_ends.resize(repeat_ticks);
  geomsu_span raw{};
  raw.struct_size = sizeof raw;
  raw.repeat_ends = repeat_ticks == 0 ? nullptr : result.repeat_ends.data();
  raw.repeat_room = repeat_ticks;
  if (auto fault = check("event_span", table_.event_span(event, rank, &raw))) return *fault;
  if (raw.repeat_count > repeat_ticks) return broken("event_span", "counts more repeat ends than there is room for");
  result.repeat_ends.resize(raw.repeat_count);
  result.first = raw.first;
  result.last = raw.last;
  return result;
}

Try<std::vector<double>> PluginClient::read(geomsu_workload* workload, const protocol::ReadRequest& request) const {
  std::vector<double> values(request.indices.size(), std::numeric_limits<double>::quiet_NaN());
  if (auto fault = check("read", table_.read(workload, request.tensor, request.rank, request.repeat,
                                             request.indices.data(), request.indices.size(), values.data()))) {
    return *fault;
  }
  return values;
}

Try<std::vector<double>> PluginClient::project(geomsu_workload* workload,
                                               const protocol::ProjectRequest& request) const {
  std::vector<double> values(request.room, std::numeric_limits<double>::quiet_NaN());
  std::uint64_t count = 0;
  if (auto fault = check("project", table_.project(workload, request.tensor, request.rank, request.repeat, request.seed,
                                                   values.data(), request.room, &count))) {
    return *fault;
  }
  if (count > request.room) return broken("project", "counts more numbers than there is room for");
  values.resize(count);
  return values;
}

Try<std::uint64_t> PluginClient::digest(geomsu_workload* workload, const protocol::DigestRequest& request) const {
  std::uint64_t value = 0;
  if (auto fault = check("digest", table_.digest(workload, request.tensor, request.rank, request.repeat, &value))) {
    return *fault;
  }
  return value;
}

std::int64_t ScriptedClock::raw_ns() { return static_cast<std::int64_t>(time_.now_ns(instance_)); }
std::int64_t ScriptedClock::mono_ns() { return raw_ns(); }
std::int64_t ScriptedClock::utc_ns() { return raw_ns() + kScriptedUtcNs; }
void ScriptedClock::sleep_until_mono(std::int64_t mono_ns) {
  const std::int64_t now = raw_ns();
  if (mono_ns > now) time_.advance_ns(instance_, static_cast<std::uint64_t>(mono_ns - now));
}

}  // namespace geomsu::worker
