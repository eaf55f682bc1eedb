// Each request of the protocol, answered as PROTOCOL.md writes it. All further rules rest on these.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"

namespace geomsu::conform {
namespace {
using namespace protocol;

Outcome hello(Stand& stand) {
  const auto wire = stand.start();
  const auto result = wire->ok(HelloRequest{kMajor, kMinor, "geomsu conform"});
  wire->expect_quiet();
  if (result.major != kMajor)
    throw Unmet{fmt::format("major {}", kMajor), fmt::format("major {} with status ok", result.major)};
  if (result.scripted_time && result.simulated.empty())
    throw Unmet{"'simulated' said where time is scripted", "scripted time of what calls itself a real device"};
  return pass(fmt::format("{}, {} {}{}", result.worker, result.plugin.backend, result.plugin.version,
                          result.simulated.empty() ? "" : fmt::format(", {}", result.simulated)));
}

void check_description(const DeviceInfo& device) {
  const auto given = [&device](const char* field, bool good) {
    if (!good)
      throw Unmet{fmt::format("'{}' left out where it is not known", field),
                  fmt::format("an empty or zero '{}' of device {}", field, device.index)};
  };
  if (device.uuid.empty()) throw Unmet{"a uuid of each device", fmt::format("none of device {}", device.index)};
  given("serial", device.serial != "");
  given("pci_address", device.pci_address != "");
  given("driver", device.driver != "");
  given("firmware", device.firmware != "");
  given("partition", device.partition != "");
  given("memory_bytes", device.memory_bytes != std::uint64_t{0});
  given("pcie_generation", device.pcie_generation != std::uint64_t{0});
  given("pcie_width", device.pcie_width != std::uint64_t{0});
}

Outcome devices(Stand& stand) {
  const auto wire = stand.greeted();
  const auto result = wire->ok(DevicesRequest{});
  wire->expect_quiet();
  if (result.devices.empty()) throw Unmet{"at least one device to try the rules on", "none"};
  std::set<std::string> uuids;
  for (std::size_t i = 0; i < result.devices.size(); ++i) {
    const DeviceInfo& device = result.devices[i];
    if (device.index != i)
      throw Unmet{"devices numbered 0, 1, 2 ...", fmt::format("index {} in place {}", device.index, i)};
    check_description(device);
    if (!uuids.insert(device.uuid).second)
      throw Unmet{"a uuid of its own for each device", fmt::format("'{}' twice", device.uuid)};
  }
  return pass(fmt::format("{} device(s), the first {}", result.devices.size(), result.devices.front().name));
}

Outcome open(Stand& stand) {
  const auto wire = stand.greeted();
  const auto result = wire->ok(OpenRequest{{0}});
  wire->expect_quiet();
  if (result.devices.size() != 1)
    throw Unmet{"the one device that was opened, described", fmt::format("{} devices", result.devices.size())};
  check_description(result.devices.front());
  if (result.clock_domain == "none") return pass("opened; it has no clock of its own");
  if (result.clock_domain != "host" && result.clock_domain != "device")
    throw Unmet{"clock_domain host, device or none", fmt::format("'{}'", result.clock_domain)};
  if (result.ticks_per_second == 0 || result.valid_bits == 0 || result.valid_bits > 64) {
    throw Unmet{"a clock of at least 1 tick a second and 1 to 64 valid bits",
                fmt::format("{} ticks a second, {} bits", result.ticks_per_second, result.valid_bits)};
  }
  return pass(fmt::format("opened; clock of domain {}, {} ticks a second, {} bits", result.clock_domain,
                          result.ticks_per_second, result.valid_bits));
}

Outcome prepare(Stand& stand) {
  const auto& offers = stand.offers();
  if (offers.empty()) {
    throw Unmet{"at least one operation that is offered: gemm or memory in some dtype, small",
                "each of them is refused; ask `prepare` by hand for the reasons"};
  }
  const auto wire = stand.opened();
  const Prepared first = stand.prepare(*wire, offers.front());
  wire->expect_quiet();
  const Prepared second = stand.prepare(*wire, offers.back());
  if (first.id == second.id) throw Unmet{"an id of its own for each workload", fmt::format("{} twice", first.id)};
  return pass(fmt::format("{} small workloads offered, the first {}", offers.size(), offers.front().name()));
}

Outcome reseed(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.prepare(*wire, stand.offers().front());
  wire->ok(ReseedRequest{prepared.id, 11400714819323198485u});
  wire->expect_quiet();
  return pass("done");
}

Outcome measure(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  const auto result = wire->ok(MeasureRequest{prepared.id, 3, std::nullopt, wire->patience(), 2}, wire->extra());
  wire->expect_quiet();
  if (result.spans.size() > 1)
    throw Unmet{"at most one span for a group of one device", fmt::format("{} spans", result.spans.size())};
  for (const Span& span : result.spans) {
    if (span.repeat_ends.size() > 2)
      throw Unmet{"at most 2 ends of repeats, as wanted", fmt::format("{}", span.repeat_ends.size())};
  }
  return pass(fmt::format("3 repeats of {}", stand.offers().front().name()));
}

Outcome load(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  wire->ok(LoadRequest{prepared.id, 4});
  wire->expect_quiet();
  const auto result = wire->ok(StopRequest{});
  wire->expect_quiet();
  if (result.repeats % 4 != 0) throw Unmet{"whole chunks of 4 repeats", fmt::format("{} repeats", result.repeats)};
  const auto again = wire->ok(StopRequest{});
  if (again.repeats != 0) throw Unmet{"0 repeats where no load ran", fmt::format("{}", again.repeats)};
  return pass(fmt::format("{} repeats in chunks of 4", result.repeats));
}

// A workload with one block of one repeat run, for what looks into its buffers.
Prepared worked(Stand& stand, Wire& wire) {
  const Prepared prepared = stand.ready(wire);
  wire.ok(MeasureRequest{prepared.id, 1, std::nullopt, wire.patience(), 0}, wire.extra());
  return prepared;
}

Outcome read(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = worked(stand, *wire);
  const auto result = wire->ok(ReadRequest{prepared.id, 0, 0, 0, {0, 1, 0}});
  wire->expect_quiet();
  if (result.values.size() != 3) throw Unmet{"3 values for 3 indices", fmt::format("{}", result.values.size())};
  if (!(result.values[0] == result.values[2]))
    throw Unmet{"one element twice as one value", fmt::format("{} and {}", result.values[0], result.values[2])};
  return pass("3 elements of the output");
}

Outcome project(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = worked(stand, *wire);
  const Offer& offer = stand.offers().front();
  const std::uint64_t rows = offer.operation->reference(offer.params, {1, 1, 1})->projected();
  const auto result = wire->ok(ProjectRequest{prepared.id, 0, 0, 0, 7, rows});
  wire->expect_quiet();
  if (result.values.size() != rows)
    throw Unmet{fmt::format("{} numbers, one a row of the output", rows), fmt::format("{}", result.values.size())};
  return pass(fmt::format("{} numbers", rows));
}

Outcome digest(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = worked(stand, *wire);
  const auto first = wire->ok(DigestRequest{prepared.id, 0, 0, 0});
  wire->expect_quiet();
  const auto again = wire->ok(DigestRequest{prepared.id, 0, 0, 0});
  if (first.digest != again.digest)
    throw Unmet{"equal digests of a tensor that nobody touched", fmt::format("{} and {}", first.digest, again.digest)};
  return pass("the same twice");
}

Outcome clock(Stand& stand) {
  const auto wire = stand.greeted();
  const auto opened = wire->ok(OpenRequest{{0}});
  if (opened.clock_domain == "none") return not_applicable("the device declares no clock");
  const std::int64_t before = wire->now_raw();
  const auto pair = wire->ok(ClockRequest{}).pair;
  wire->expect_quiet();
  const std::int64_t after = wire->now_raw();
  if (pair.host_before_ns > pair.host_after_ns || pair.host_before_ns < before || pair.host_after_ns > after) {
    throw Unmet{fmt::format("host, device, host by CLOCK_MONOTONIC_RAW, within {} to {} ns", before, after),
                fmt::format("{} to {} ns", pair.host_before_ns, pair.host_after_ns)};
  }
  return pass(fmt::format("narrowest reading {} ns", pair.host_after_ns - pair.host_before_ns));
}

Outcome telemetry(Stand& stand) {
  const auto wire = stand.opened();
  const auto result = wire->ok(TelemetryRequest{});
  wire->expect_quiet();
  if (result.readings.size() != 1)
    throw Unmet{"one reading for one open device", fmt::format("{}", result.readings.size())};
  const Telemetry& reading = result.readings.front();
  const auto real = [](const char* field, const std::optional<double>& value) {
    if (value && !(*value > 0))
      throw Unmet{fmt::format("'{}' left out where the device cannot say", field), fmt::format("{}", *value)};
  };
  real("power_w", reading.power_w);
  real("clock_mhz", reading.clock_mhz);
  real("memory_clock_mhz", reading.memory_clock_mhz);
  if (reading.throttle && *reading.throttle > 15)
    throw Unmet{"throttle bits 1, 2, 4 and 8", fmt::format("{}", *reading.throttle)};
  if (reading.foreign_load && !(*reading.foreign_load >= 0 && *reading.foreign_load <= 1))
    throw Unmet{"foreign_load from 0 to 1", fmt::format("{}", *reading.foreign_load)};
  return pass("one reading");
}

Outcome release(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  wire->ok(ReleaseRequest{prepared.id});
  wire->expect_quiet();
  wire->refused(ReseedRequest{prepared.id, 1}, "the workload was released");
  const Prepared next = stand.prepare(*wire, stand.offers().front());
  if (next.id == prepared.id) throw Unmet{"an id that was never used", fmt::format("{} again", next.id)};
  return pass("gone, and its id is not used again");
}

Outcome shutdown(Stand& stand) {
  const auto wire = stand.opened();
  wire->ok(ShutdownRequest{});
  const std::string how = wire->end(false);
  if (how != "exited with status 0") throw Unmet{"the end of the process with status 0 after the answer", how};
  return pass("answered, then ended with status 0");
}

}  // namespace

std::vector<Rule> request_rules() {
  return {
      {"hello",
       "lines",
       "PROTOCOL.md, hello",
       "nobody can be asked anything before it says who it is",
       {"library-exports", "table-whole"},
       hello},
      {"devices",
       "lines",
       "PROTOCOL.md, devices",
       "a device is known by its uuid; what is unknown is left out, not 0",
       {"hello"},
       devices},
      {"open",
       "lines",
       "PROTOCOL.md, open",
       "the part that is measured must be the part that was planned",
       {"devices"},
       open},
      {"telemetry",
       "lines",
       "PROTOCOL.md, telemetry",
       "what the device cannot say is left out, never 0",
       {"open"},
       telemetry},
      {"prepare",
       "lines",
       "PROTOCOL.md, prepare",
       "a candidate that offers nothing cannot be measured",
       {"telemetry"},
       prepare},
      {"reseed", "lines", "PROTOCOL.md, reseed", "inputs are made on the device from a seed", {"prepare"}, reseed},
      {"measure", "lines", "PROTOCOL.md, measure", "a timed block is what all figures come from", {"reseed"}, measure},
      {"load",
       "lines",
       "PROTOCOL.md, load and stop",
       "a device is warmed up and soaked before it is timed",
       {"measure"},
       load},
      {"read", "lines", "PROTOCOL.md, read", "answers are checked on the buffers that were timed", {"measure"}, read},
      {"project",
       "lines",
       "PROTOCOL.md, project",
       "one sum a row shows whether all of the output was computed",
       {"measure"},
       project},
      {"digest",
       "lines",
       "PROTOCOL.md, digest",
       "equal seeds are compared bit by bit over the whole run",
       {"measure"},
       digest},
      {"clock",
       "lines",
       "PROTOCOL.md, clock",
       "a device's clock is tied to the host's before it is believed",
       {"telemetry"},
       clock},
      {"release",
       "lines",
       "PROTOCOL.md, release",
       "a run prepares many workloads, one after the other",
       {"reseed"},
       release},
      {"shutdown",
       "lines",
       "PROTOCOL.md, shutdown",
       "an orderly end keeps the device usable for the next run",
       {"telemetry"},
       shutdown},
  };
}

}  // namespace geomsu::conform
