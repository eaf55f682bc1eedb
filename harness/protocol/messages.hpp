// The messages between supervisor and worker (or a vendor's adapter): JSON-RPC 2.0, one message a line, one request in
// flight. Typed here; their JSON stands in codec.cpp alone. 64-bit integers travel as decimal strings, NaN as null.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/model/device.hpp"
#include "harness/model/environment.hpp"
#include "harness/model/workload.hpp"

namespace geomsu::protocol {

inline constexpr std::uint32_t kMajor = 1, kMinor = 0;
inline constexpr std::size_t kMaxLineBytes = 16u << 20;

// An answer's status. Anything but ok is an answer too: JSON-RPC's `error` is only for malformed or unknown requests.
enum class Status { kOk, kUnsupported, kOutOfMemory, kDeviceLost, kTimeout, kError };
std::string_view to_string(Status status);  // "ok", "unsupported", "out_of_memory", "device_lost", "timeout", "error"
std::optional<Status> parse_status(std::string_view text);

// ---- requests -------------------------------------------------------------------------------------------------------
struct HelloRequest {
  std::uint32_t major = kMajor, minor = kMinor;
  std::string tool;  // the supervisor's version
};
struct DevicesRequest {};
struct OpenRequest {
  std::vector<std::uint32_t> devices;  // a group, in rank order
};
struct PrepareRequest {
  std::string op;
  Params params;
  std::uint64_t operand_sets = 1;  // wanted; the answer says how many are kept
};
struct ReseedRequest {
  std::uint64_t workload = 0;
  std::uint64_t seed = 0;
};
// One timed block. Answered when it has ended. repeats = 0 is the empty submit, whose cost is measured with it.
struct MeasureRequest {
  std::uint64_t workload = 0;
  std::uint64_t repeats = 0;
  std::optional<std::int64_t> start_at_mono_ns;  // CLOCK_MONOTONIC of this host; absent: at once
  std::uint64_t timeout_ns = 0;    // the worker gives up waiting after this; the supervisor a little later
  std::uint32_t repeat_ticks = 0;  // ends of single repeats wanted, at most 64
};
// Untimed repeats, until `stop`: soak and warm load, and so that nobody who ends early leaves the others alone.
// Answered at once; the load then runs in `chunk` repeats at a time, and stops between chunks.
struct LoadRequest {
  std::uint64_t workload = 0;
  std::uint64_t chunk = 1;
};
// Answers how many repeats ran; ok with 0 where no load runs. Where time is scripted the load runs now: whole chunks
// until the scripted clock reaches `sim_until_ns`, at least one (nothing else could make its length repeatable).
struct StopRequest {
  std::optional<std::int64_t> sim_until_ns;
};
struct ReadRequest {
  std::uint64_t workload = 0;
  std::uint32_t tensor = 0, rank = 0;
  std::uint64_t repeat = 0;
  std::vector<std::uint64_t> indices;
};
struct ProjectRequest {
  std::uint64_t workload = 0;
  std::uint32_t tensor = 0, rank = 0;
  std::uint64_t repeat = 0, seed = 0, room = 0;  // room: how many numbers the host expects
};
struct DigestRequest {
  std::uint64_t workload = 0;
  std::uint32_t tensor = 0, rank = 0;
  std::uint64_t repeat = 0;
};
struct ClockRequest {};      // host, device, host: the narrowest of 16
struct TelemetryRequest {};  // one reading
struct ReleaseRequest {
  std::uint64_t workload = 0;
};
struct ShutdownRequest {};

using Request = std::variant<HelloRequest, DevicesRequest, OpenRequest, PrepareRequest, ReseedRequest, MeasureRequest,
                             LoadRequest, StopRequest, ReadRequest, ProjectRequest, DigestRequest, ClockRequest,
                             TelemetryRequest, ReleaseRequest, ShutdownRequest>;
std::string_view method(const Request& request);  // "hello", "devices", ... the structs' names in lower case
std::optional<std::size_t> method_index(std::string_view name);  // its place in Request and in Result

// ---- results --------------------------------------------------------------------------------------------------------
// Every result carries a status and, where it is not ok, words; and `sim_now_ns` where a simulated device scripts time.
struct Answer {
  Status status = Status::kOk;
  std::string reason;
  std::optional<std::int64_t> sim_now_ns;
  bool ok() const { return status == Status::kOk; }
};
struct ClockPair {
  std::int64_t host_before_ns = 0;  // CLOCK_MONOTONIC_RAW
  std::uint64_t ticks = 0;
  std::int64_t host_after_ns = 0;
};
struct HelloResult : Answer {
  std::uint32_t major = kMajor, minor = kMinor;
  std::string worker;  // "geomsu-worker 0.1.0"
  PluginFact plugin;   // the one that serves
  std::vector<PluginFact> refused;
  std::string boot_id,
      time_namespace;  // of the worker's host; must equal the supervisor's for start_at to have a meaning
  std::int64_t pid = 0;
  std::string simulated;  // "", "fake", "emulated"
  bool scripted_time = false;
};
struct DevicesResult : Answer {
  std::vector<DeviceInfo> devices;
};
struct OpenResult : Answer {
  std::vector<DeviceInfo> devices;  // read again at opening: must be the same parts
  std::string clock_domain;         // "host", "device" or "none"
  std::uint64_t ticks_per_second = 0;
  std::uint32_t valid_bits = 64;
};
struct PrepareResult : Answer {
  std::uint64_t workload = 0;
  std::uint64_t memory_bytes = 0, operand_sets = 1;
  std::string algorithm;
  bool deterministic = false;
  bool refill_every_block = true;
};
struct ReseedResult : Answer {};
struct Span {  // of one rank, in ticks
  std::uint64_t first = 0, last = 0;
  std::vector<std::uint64_t> repeat_ends;
};
struct MeasureResult : Answer {
  std::vector<Span> spans;           // a rank each; empty where there is no clock
  std::int64_t started_mono_ns = 0;  // when the submission really happened
  std::int64_t worker_raw_ns = 0;    // the worker's own wall time of submit and wait, for the record only
};
struct LoadResult : Answer {};
struct StopResult : Answer {
  std::uint64_t repeats = 0;
};
struct ReadResult : Answer {
  std::vector<double> values;
};
struct ProjectResult : Answer {
  std::vector<double> values;
};
struct DigestResult : Answer {
  std::uint64_t digest = 0;
};
struct ClockResult : Answer {
  ClockPair pair;
};
struct TelemetryResult : Answer {
  std::vector<Telemetry> readings;  // a device each
};
struct ReleaseResult : Answer {};
struct ShutdownResult : Answer {};

using Result =
    std::variant<HelloResult, DevicesResult, OpenResult, PrepareResult, ReseedResult, MeasureResult, LoadResult,
                 StopResult, ReadResult, ProjectResult, DigestResult, ClockResult, TelemetryResult, ReleaseResult,
                 ShutdownResult>;  // in the order of Request: result i answers request i

// ---- notifications (worker -> supervisor) ---------------------------------------------------------------------------
struct TelemetryNote {
  std::vector<Telemetry> readings;  // 10 Hz while opened
  std::optional<std::int64_t> sim_now_ns;
};
struct LogNote {
  int level = 1;
  std::string text;
};
using Notification = std::variant<TelemetryNote, LogNote>;

// JSON-RPC error, or a line that is none of the above.
struct RpcError {
  std::int64_t code = 0;  // -32700 parse, -32600 invalid request, -32601 unknown method, -32602 invalid parameters
  std::string message;
};

}  // namespace geomsu::protocol
