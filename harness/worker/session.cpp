#include "harness/worker/session.hpp"

#include <exception>
#include <set>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/files.hpp"

namespace geomsu::worker {
namespace {
using namespace protocol;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string boot_id() {
  try {
    return trimmed(read_file("/proc/sys/kernel/random/boot_id"));
  } catch (const std::exception&) {
    return {};  // no such file: the supervisor then has no common clock to start on, and says so
  }
}

std::string time_namespace() {
  std::error_code error;
  const auto link = std::filesystem::read_symlink("/proc/self/ns/time", error);
  return error ? std::string() : link.string();
}

std::optional<Fault> refusal(std::string reason) { return Fault{Status::kError, std::move(reason)}; }
}  // namespace

Session::Session(PluginLibrary library, const Params& params)
    : library_(std::move(library)), clock_(std::make_unique<SystemClock>()) {
  if (library_.table == nullptr) return;
  auto made = PluginClient::create(*library_.table, params);
  if (const auto* fault = std::get_if<Fault>(&made)) {
    library_.fact.refused = fault->reason;
    return;
  }
  parts_.client = std::move(std::get<std::unique_ptr<PluginClient>>(made));
  scripted_ = parts_.client->scripted_time();
  if (scripted_ != nullptr) clock_ = std::make_unique<ScriptedClock>(*scripted_, parts_.client->instance());
}

Session::~Session() { tear_down(); }

void Session::tear_down() {
  load_.reset();
  if (wedged()) {
    // A block may still run on all of this: it lives to the end of the process, and stays reachable for leak checkers.
    static auto& abandoned = *new std::vector<std::unique_ptr<Parts>>;
    abandoned.push_back(std::make_unique<Parts>(std::move(parts_)));
    return;
  }
  parts_.workloads.clear();
  parts_.group.reset();
  parts_.devices.clear();
}

template <class R, class Request>
R Session::answer(const Request& request) {
  R result;
  std::optional<Fault> fault;
  try {
    fault = why_not(request);
    // A greeting is always filled in: it carries the reason why there is nothing else to ask for.
    if (!fault) {
      fault = serve(request, result);
    } else if constexpr (std::is_same_v<R, HelloResult>) {
      serve(request, result);
    }
  } catch (const std::bad_alloc&) {
    fault = Fault{Status::kOutOfMemory, "the worker is out of host memory"};
  } catch (const std::exception& error) {
    fault = Fault{Status::kError, fmt::format("the worker failed: {}", error.what())};
  }
  if (fault) {
    result.status = fault->status;
    result.reason = fault->reason;
  }
  if (scripted()) result.sim_now_ns = clock_->raw_ns();
  return result;
}

Result Session::handle(const Request& request) {
  return std::visit(
      [this](const auto& r) -> Result {
        using R = std::decay_t<decltype(r)>;
        if constexpr (std::is_same_v<R, HelloRequest>) return answer<HelloResult>(r);
        if constexpr (std::is_same_v<R, DevicesRequest>) return answer<DevicesResult>(r);
        if constexpr (std::is_same_v<R, OpenRequest>) return answer<OpenResult>(r);
        if constexpr (std::is_same_v<R, PrepareRequest>) return answer<PrepareResult>(r);
        if constexpr (std::is_same_v<R, ReseedRequest>) return answer<ReseedResult>(r);
        if constexpr (std::is_same_v<R, MeasureRequest>) return answer<MeasureResult>(r);
        if constexpr (std::is_same_v<R, LoadRequest>) return answer<LoadResult>(r);
        if constexpr (std::is_same_v<R, StopRequest>) return answer<StopResult>(r);
        if constexpr (std::is_same_v<R, ReadRequest>) return answer<ReadResult>(r);
        if constexpr (std::is_same_v<R, ProjectRequest>) return answer<ProjectResult>(r);
        if constexpr (std::is_same_v<R, DigestRequest>) return answer<DigestResult>(r);
        if constexpr (std::is_same_v<R, ClockRequest>) return answer<ClockResult>(r);
        if constexpr (std::is_same_v<R, TelemetryRequest>) return answer<TelemetryResult>(r);
        if constexpr (std::is_same_v<R, ReleaseRequest>) return answer<ReleaseResult>(r);
        if constexpr (std::is_same_v<R, ShutdownRequest>) return answer<ShutdownResult>(r);
      },
      request);
}

// What no request may do now, whatever it is.
std::optional<Fault> Session::why_not(const Request& request) const {
  const auto is = [&request]<class... R>(std::type_identity<R>...) {
    return (std::holds_alternative<R>(request) || ...);
  };
  if (is(std::type_identity<HelloRequest>())) {
    if (parts_.client) return std::nullopt;
    return Fault{Status::kUnsupported, fmt::format("the plug-in is refused: {}", library_.fact.refused)};
  }
  if (load_ && !is(std::type_identity<StopRequest>())) {
    return refusal(fmt::format("'{}' while a load runs: send 'stop' first", method(request)));
  }
  if (is(std::type_identity<ShutdownRequest>())) return std::nullopt;
  if (!greeted_) return refusal(fmt::format("'{}' before 'hello'", method(request)));
  if (!parts_.client)
    return Fault{Status::kUnsupported, fmt::format("the plug-in is refused: {}", library_.fact.refused)};
  if (is(std::type_identity<DevicesRequest>(), std::type_identity<OpenRequest>(), std::type_identity<StopRequest>())) {
    return std::nullopt;
  }
  if (parts_.devices.empty()) return refusal(fmt::format("'{}' before 'open': no device is open", method(request)));
  if (wedged() && !is(std::type_identity<ClockRequest>(), std::type_identity<TelemetryRequest>())) {
    return Fault{Status::kTimeout, "an earlier block timed out and may still be running: end this worker"};
  }
  return std::nullopt;
}

Try<geomsu_workload*> Session::workload(std::uint64_t id) const {
  const auto found = parts_.workloads.find(id);
  if (found != parts_.workloads.end()) return found->second.get();
  return Fault{Status::kError, fmt::format("there is no workload {}: it was never prepared here, or was released", id)};
}

std::optional<Fault> Session::check_rank(std::uint32_t rank) const {
  const std::size_t ours = parts_.devices.size();
  if (rank >= first_rank() && rank - first_rank() < ours) return std::nullopt;
  return refusal(fmt::format("rank {} of a group of {}", rank, peers_ ? peers_->ranks : ours));
}

std::optional<Fault> Session::serve(const HelloRequest& request, HelloResult& result) {
  result.worker = fmt::format("geomsu-worker {}", GEOMSU_VERSION);
  result.plugin = library_.fact;
  if (!parts_.client) result.refused.push_back(library_.fact);
  result.boot_id = boot_id();
  result.time_namespace = time_namespace();
  result.pid = getpid();
  result.simulated = library_.fact.simulated;
  result.scripted_time = scripted();
  if (request.major != kMajor) {
    return Fault{Status::kUnsupported,
                 fmt::format("protocol {}.{} was asked for, this worker speaks {}.{}: use tool and "
                             "worker of one major version",
                             request.major, request.minor, kMajor, kMinor)};
  }
  greeted_ = true;
  return std::nullopt;
}

std::optional<Fault> Session::serve(const DevicesRequest&, DevicesResult& result) {
  auto count = parts_.client->device_count();
  if (auto* fault = std::get_if<Fault>(&count)) return *fault;
  if (std::get<std::uint32_t>(count) > kMostDevices) {
    return refusal(fmt::format("device_count: {} devices; at most {}", std::get<std::uint32_t>(count), kMostDevices));
  }
  for (std::uint32_t i = 0; i < std::get<std::uint32_t>(count); ++i) {
    auto info = parts_.client->describe(i);
    if (auto* fault = std::get_if<Fault>(&info)) return *fault;
    result.devices.push_back(std::move(std::get<DeviceInfo>(info)));
  }
  return std::nullopt;
}

std::optional<Fault> Session::serve(const OpenRequest& request, OpenResult& result) {
  if (!parts_.devices.empty()) return refusal("devices are open already: a session opens one group, once");
  if (request.devices.empty()) return refusal("'devices' is empty: name at least one");
  auto count = parts_.client->device_count();
  if (auto* fault = std::get_if<Fault>(&count)) return *fault;
  std::set<std::uint32_t> seen;
  for (const std::uint32_t index : request.devices) {
    if (index >= std::get<std::uint32_t>(count)) {
      return refusal(fmt::format("device {} of {}", index, std::get<std::uint32_t>(count)));
    }
    if (!seen.insert(index).second) return refusal(fmt::format("device {} is named twice", index));
  }
  std::vector<Handle<geomsu_device>> devices;
  std::vector<geomsu_device*> raw;
  std::optional<ClockInfo> common;
  for (const std::uint32_t index : request.devices) {
    auto device = parts_.client->open(index);
    if (auto* fault = std::get_if<Fault>(&device)) return *fault;
    devices.push_back(std::move(std::get<Handle<geomsu_device>>(device)));
    raw.push_back(devices.back().get());
    auto info = parts_.client->describe(index);
    if (auto* fault = std::get_if<Fault>(&info)) return *fault;
    result.devices.push_back(std::move(std::get<DeviceInfo>(info)));
    auto clock = parts_.client->clock_info(raw.back());
    if (auto* fault = std::get_if<Fault>(&clock)) return *fault;
    const auto& declared = std::get<ClockInfo>(clock);
    if (common && (common->domain != declared.domain || common->ticks_per_second != declared.ticks_per_second ||
                   common->valid_bits != declared.valid_bits)) {
      return refusal(fmt::format("devices {} and {} declare different clocks: they cannot be one group",
                                 request.devices.front(), index));
    }
    common = declared;
  }
  auto group = parts_.client->group(raw, peers_ ? &*peers_ : nullptr);
  if (auto* fault = std::get_if<Fault>(&group)) return *fault;
  parts_.group = std::move(std::get<Handle<geomsu_group>>(group));
  parts_.devices = std::move(devices);
  result.clock_domain = common->domain;
  result.ticks_per_second = common->ticks_per_second;
  result.valid_bits = common->valid_bits;
  return std::nullopt;
}

std::optional<Fault> Session::serve(const PrepareRequest& request, PrepareResult& result) {
  if (request.op.empty()) return refusal("'op' is empty");
  if (request.operand_sets == 0) return refusal("'operand_sets' must be at least 1");
  Params params = request.params;
  params["operand_sets"] = std::to_string(request.operand_sets);
  auto made = parts_.client->prepare(parts_.group.get(), request.op, params);
  if (auto* fault = std::get_if<Fault>(&made)) {
    if (peers_) ++next_workload_;  // another process may have made it: ids stay the same in all
    return *fault;
  }
  auto& workload = std::get<Handle<geomsu_workload>>(made);
  auto info = parts_.client->workload_info(workload.get());
  if (auto* fault = std::get_if<Fault>(&info)) {
    if (peers_) ++next_workload_;
    return *fault;
  }
  result = std::move(std::get<PrepareResult>(info));
  result.workload = next_workload_++;
  parts_.workloads.emplace(result.workload, std::move(workload));
  return std::nullopt;
}

std::optional<Fault> Session::serve(const ReseedRequest& request, ReseedResult&) {
  const auto found = workload(request.workload);
  if (const auto* fault = std::get_if<Fault>(&found)) return *fault;
  return parts_.client->reseed(std::get<geomsu_workload*>(found), request.seed);
}

std::optional<Fault> Session::serve(const ReleaseRequest& request, ReleaseResult&) {
  const auto found = workload(request.workload);
  if (const auto* fault = std::get_if<Fault>(&found)) return *fault;
  parts_.workloads.erase(request.workload);
  return std::nullopt;
}

std::optional<Fault> Session::serve(const ShutdownRequest&, ShutdownResult&) {
  finished_ = true;
  return std::nullopt;
}

}  // namespace geomsu::worker
