#include "tests/unit/protocol/samples.hpp"

#include <limits>

namespace geomsu::protocol::samples {
namespace {
constexpr auto kU64 = std::numeric_limits<std::uint64_t>::max();
constexpr auto kU32 = std::numeric_limits<std::uint32_t>::max();
constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
constexpr auto kLargest = std::numeric_limits<double>::max();
constexpr auto kTiniest = std::numeric_limits<double>::denorm_min();
const char* const kOddText = "tab\t \"quoted\" \\ /\n\x01 \x7f 검수 \xF0\x9F\x94\xA9 \xE2\x80\xAE";

template <class T>
T with(Answer answer, T result) {
  static_cast<Answer&>(result) = std::move(answer);
  return result;
}

DeviceInfo device() {
  DeviceInfo info;
  info.backend = "cuda";
  info.name = "NVIDIA H100 80GB HBM3";
  info.vendor = "NVIDIA";
  info.uuid = "GPU-6f1c0b9e";
  info.serial = "1654922000001";
  info.pci_address = "0000:17:00.0";
  info.driver = "550.54.15";
  info.firmware = "96.00.5E.00.01";
  info.memory_bytes = 85'520'809'984;
  info.pcie_generation = 5;
  info.pcie_width = 16;
  info.attributes = {{"peak.bf16", "989.4e12"}, {"peak.source", "datasheet"}};
  return info;
}

DeviceInfo odd_device() {
  DeviceInfo info;
  info.index = kU32;
  info.backend = info.name = info.vendor = info.uuid = kOddText;
  info.serial = info.pci_address = info.driver = info.firmware = info.partition = kOddText;
  info.memory_bytes = info.pcie_generation = info.pcie_width = kU64 - 1;
  info.attributes = {{kOddText, kOddText}, {"", ""}};
  return info;
}

Telemetry reading() {
  Telemetry t;
  t.mono_ns = 81'000'000'000;
  t.utc_ns = 1'795'000'000'000'000'000;
  t.power_w = 612.5;
  t.temperature_c = 61;
  t.throttle = 0;
  t.ecc_corrected = 3;
  return t;
}

Telemetry odd_reading() {
  Telemetry t;
  t.mono_ns = kLeast;
  t.utc_ns = kMost;
  t.power_w = t.energy_j = kLargest;
  t.temperature_c = t.memory_temperature_c = -kTiniest;
  t.clock_mhz = t.memory_clock_mhz = 0.1;
  t.memory_used_bytes = -0.0;
  t.foreign_load = 1.0 / 3;
  t.throttle = t.throttle_events = t.ecc_corrected = t.ecc_uncorrected = t.link_replays = t.fault_events = kU64;
  return t;
}

PluginFact plugin() {
  return {"cuda", "/usr/lib/geomsu/backends/geomsu_cuda.so", "9f86d081884c7d65", "2f3c8a11", "0.1.0", "", ""};
}
PluginFact odd_plugin() { return {kOddText, kOddText, kOddText, kOddText, kOddText, kOddText, kOddText}; }
}  // namespace

std::vector<Request> requests() {
  return {HelloRequest{1, 0, "geomsu 0.1.0"},
          DevicesRequest{},
          OpenRequest{{0}},
          PrepareRequest{"gemm", {{"dtype", "bf16"}, {"k", "8192"}, {"m", "8192"}, {"n", "8192"}}, 24},
          ReseedRequest{1, 11'400'714'819'323'198'485U},
          MeasureRequest{1, 455, 81'000'020'000, 30'000'000'000, 2},
          LoadRequest{1, 16},
          StopRequest{},
          ReadRequest{1, 0, 0, 454, {0, 67'108'863}},
          ProjectRequest{1, 0, 0, 454, 7, 8192},
          DigestRequest{1, 0, 0, 454},
          ClockRequest{},
          TelemetryRequest{},
          ReleaseRequest{1},
          ShutdownRequest{}};
}

std::vector<Result> results() {
  HelloResult hello;
  hello.worker = "geomsu-worker 0.1.0";
  hello.plugin = plugin();
  hello.boot_id = "0f2f6c33-4c39-4f6e-9c2b-8d8c7b2f6a11";
  hello.time_namespace = "time:[4026531834]";
  hello.pid = 4242;
  DevicesResult devices;
  devices.devices = {device()};
  OpenResult open;
  open.devices = {device()};
  open.clock_domain = "device";
  open.ticks_per_second = 1'000'000'000;
  PrepareResult prepare;
  prepare.workload = 1;
  prepare.memory_bytes = 9'663'676'416;
  prepare.operand_sets = 24;
  prepare.algorithm = "cublasLt 12.4.5 algo 66";
  prepare.deterministic = true;
  MeasureResult measure;
  measure.spans = {{9'000'000'000, 9'506'000'000, {9'001'112'000, 9'002'224'000}}};
  measure.started_mono_ns = 81'000'020'003;
  measure.worker_raw_ns = 506'100'000;
  StopResult stop;
  stop.repeats = 4096;
  ReadResult read;
  read.values = {-64.25, std::numeric_limits<double>::quiet_NaN()};
  ProjectResult project;
  project.values = {1894.853, -1622.331};
  DigestResult digest;
  digest.digest = 10'184'073'357'646'908'431U;
  ClockResult clock;
  clock.pair = {81'000'000'000, 9'000'000'000, 81'000'000'900};
  TelemetryResult telemetry;
  telemetry.readings = {reading()};
  return {hello, devices, open,   prepare, ReseedResult{}, measure,         LoadResult{},    stop,
          read,  project, digest, clock,   telemetry,      ReleaseResult{}, ShutdownResult{}};
}

std::vector<Notification> notifications() {
  return {TelemetryNote{{reading()}, std::nullopt}, LogNote{2, "the driver is newer than the library"}};
}

std::vector<Request> extreme_requests() {
  return {HelloRequest{kU32, kU32, kOddText},
          OpenRequest{{}},
          OpenRequest{{0, kU32, kU32}},
          PrepareRequest{kOddText, {{kOddText, kOddText}, {"", ""}}, kU64},
          PrepareRequest{"", {}, 0},
          ReseedRequest{kU64, kU64},
          MeasureRequest{kU64, kU64, kLeast, kU64, kU32},
          MeasureRequest{0, 0, std::nullopt, 0, 0},
          LoadRequest{kU64, kU64},
          StopRequest{kMost},
          ReadRequest{kU64, kU32, kU32, kU64, {0, kU64, 1}},
          ReadRequest{0, 0, 0, 0, {}},
          ProjectRequest{kU64, kU32, kU32, kU64, kU64, kU64},
          DigestRequest{kU64, kU32, kU32, kU64},
          ReleaseRequest{kU64}};
}

std::vector<Result> extreme_results() {
  const Answer bad{Status::kDeviceLost, kOddText, kLeast};
  const Answer good{Status::kOk, "", kMost};
  HelloResult hello;
  hello.major = hello.minor = kU32;
  hello.worker = hello.boot_id = hello.time_namespace = hello.simulated = kOddText;
  hello.plugin = odd_plugin();
  hello.refused = {odd_plugin(), PluginFact{}};
  hello.pid = kLeast;
  hello.scripted_time = true;
  DevicesResult devices;
  devices.devices = {odd_device(), DeviceInfo{}};
  OpenResult open;
  open.devices = {odd_device()};
  open.clock_domain = kOddText;
  open.ticks_per_second = kU64;
  open.valid_bits = kU32;
  PrepareResult prepare;
  prepare.workload = prepare.memory_bytes = prepare.operand_sets = kU64;
  prepare.algorithm = kOddText;
  MeasureResult measure;
  measure.spans = {{kU64, 0, {kU64, 0}}, {0, kU64, {}}};
  measure.started_mono_ns = kLeast;
  measure.worker_raw_ns = kMost;
  StopResult stop;
  stop.repeats = kU64;
  ReadResult read;
  read.values = {kLargest, -kLargest, kTiniest, -0.0, 0.1, 1e300, 9007199254740993.0};
  ClockResult clock;
  clock.pair = {kLeast, kU64, kMost};
  TelemetryResult telemetry;
  telemetry.readings = {odd_reading(), Telemetry{}};
  return {with(good, hello),          with(bad, hello),      with(good, devices),
          with(bad, DevicesResult{}), with(good, open),      with(bad, prepare),
          with(bad, ReseedResult{}),  with(good, measure),   with(bad, MeasureResult{}),
          with(good, stop),           with(good, read),      with(good, ProjectResult{}),
          with(good, clock),          with(good, telemetry), with(bad, TelemetryResult{}),
          with(bad, ShutdownResult{})};
}

std::vector<Notification> extreme_notifications() {
  return {TelemetryNote{{odd_reading(), Telemetry{}}, kLeast}, TelemetryNote{}, LogNote{-2147483647 - 1, kOddText},
          LogNote{2147483647, ""}};
}

}  // namespace geomsu::protocol::samples
