// The device under longer work: it stays there, stays itself, and gives back what it took.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/conform/data_check.hpp"
#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"
#include "harness/conform/work.hpp"
#include "harness/model/device_findings.hpp"

namespace geomsu::conform {
namespace {
using namespace protocol;

constexpr int kTries = 8;
constexpr std::int64_t kLongNs = 600'000'000;
constexpr double kSlower = 1.25;

Outcome keeps_working(Stand& stand) {
  const Work& work = stand.work();
  if (work.fault) throw Unmet(*work.fault);
  return pass(fmt::format("{} blocks over {:.1f} s", work.block_ns.size(), static_cast<double>(work.took_ns) * 1e-9));
}

Outcome same_part(Stand& stand) {
  const Work& work = stand.work();
  const auto words = [](const DeviceInfo& device) {
    return fmt::format("uuid {}, serial {}, firmware {}, {} bytes", device.uuid, device.serial.value_or("none"),
                       device.firmware.value_or("none"), device.memory_bytes.value_or(0));
  };
  if (!work.before.same_part(work.opened) || !work.before.same_part(work.after)) {
    throw Unmet{fmt::format("the same part before and after {} blocks: {}", kSoakBlocks, words(work.before)),
                words(work.before.same_part(work.opened) ? work.after : work.opened)};
  }
  return pass(words(work.after));
}

Outcome same_attributes(Stand& stand) {
  const Work& work = stand.work();
  for (const auto& [key, value] : work.before.attributes) {
    if (key.starts_with(kFindingAttribute)) continue;  // of the moment: another process, a link that sleeps
    const auto found = work.after.attributes.find(key);
    if (found == work.after.attributes.end() || found->second != value) {
      throw Unmet{fmt::format("the attribute {}={} before and after {} blocks", key, value, kSoakBlocks),
                  found == work.after.attributes.end() ? "it is gone" : fmt::format("{}={}", key, found->second)};
    }
  }
  if (work.before.pcie_generation != work.after.pcie_generation || work.before.pcie_width != work.after.pcie_width)
    return pass("attributes stay; the PCIe link changed its state, as links do under load");
  return pass(fmt::format("{} attributes stay", work.before.attributes.size()));
}

Outcome counters(Stand& stand) {
  const Work& work = stand.work();
  const auto grows = [](const char* name, const auto& first, const auto& last) {
    if (first && last && *last < *first)
      throw Unmet{fmt::format("a counter '{}' that only grows", name), fmt::format("{}, then {}", *first, *last)};
    if (first && !last) throw Unmet{fmt::format("'{}' as before the work", name), "it is no longer told"};
  };
  const Telemetry &first = work.first, &last = work.last;
  grows("energy_j", first.energy_j, last.energy_j);
  grows("throttle_events", first.throttle_events, last.throttle_events);
  grows("ecc_corrected", first.ecc_corrected, last.ecc_corrected);
  grows("ecc_uncorrected", first.ecc_uncorrected, last.ecc_uncorrected);
  grows("link_replays", first.link_replays, last.link_replays);
  grows("fault_events", first.fault_events, last.fault_events);
  return pass("none fell");
}

Outcome steady(Stand& stand) {
  const Work& work = stand.work();
  if (!work.long_enough) return not_applicable("30 s of work where time is real: --long runs it");
  const auto median = [](std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    return static_cast<double>(values[values.size() / 2]);
  };
  const auto quarter = static_cast<std::ptrdiff_t>(work.block_ns.size() / 4);
  const double early = median({work.block_ns.begin(), work.block_ns.begin() + quarter});
  const double late = median({work.block_ns.end() - quarter, work.block_ns.end()});
  const bool told = work.last.throttle.value_or(0) != 0;
  if (late > kSlower * early || told) {
    throw Unmet{
        fmt::format("the pace of the first blocks, {:.3f} ms, after {:.0f} s of work", early * 1e-6,
                    static_cast<double>(work.took_ns) * 1e-9),
        fmt::format("{:.3f} ms a block{}", late * 1e-6,
                    told ? fmt::format(", and the device says it throttles (bits {})", *work.last.throttle) : "")};
  }
  return pass(fmt::format("{:.3f} ms a block at first, {:.3f} ms after {:.0f} s", early * 1e-6, late * 1e-6,
                          static_cast<double>(work.took_ns) * 1e-9));
}

Outcome memory_returned(Stand& stand) {
  const auto wire = stand.opened();
  const auto used = [&wire] { return wire->ok(TelemetryRequest{}).readings.front().memory_used_bytes; };
  if (!used()) return not_applicable("the device does not tell memory_used_bytes");
  const Offer& offer = stand.offers().front();
  std::vector<double> after;
  std::uint64_t bytes = 0;
  for (int i = 0; i < kTries; ++i) {
    const Prepared prepared = stand.prepare(*wire, offer, 64);
    bytes = prepared.memory_bytes;
    wire->ok(ReleaseRequest{prepared.id});
    after.push_back(used().value_or(0));
  }
  // Others may take memory meanwhile, but hardly as much, each time.
  const auto kept = [&](std::size_t i) { return after[i] - after[i - 1] >= static_cast<double>(bytes) / 2; };
  std::size_t times = 0;
  for (std::size_t i = 1; i < after.size(); ++i) times += kept(i) ? 1u : 0u;
  if (bytes > 0 && times == after.size() - 1) {
    throw Unmet{fmt::format("the {} bytes of a workload back after its release", bytes),
                fmt::format("memory_used_bytes grows at each of {} releases: from {:.0f} to {:.0f}", kTries,
                            after.front(), after.back())};
  }
  return pass(fmt::format("{} times {} bytes taken and given back", kTries, bytes));
}

Outcome too_late(Stand& stand) {
  const auto wire = stand.opened();
  const Prepared prepared = stand.ready(*wire);
  const std::uint64_t repeats = repeats_for(*wire, prepared, kLongNs);
  const auto result = wire->ask(MeasureRequest{prepared.id, repeats, std::nullopt, 1'000'000, 0}, kLongNs * 10);
  if (result.status != Status::kTimeout)
    throw Unmet{"status timeout of a block of about 600 ms that may take 1 ms", Wire::words(result)};
  wire->refused(ReseedRequest{prepared.id, 1}, "the block that timed out may still run");
  wire->refused(MeasureRequest{prepared.id, 1, std::nullopt, wire->patience(), 0}, "the block may still run");
  wire->ask(TelemetryRequest{});
  wire->ok(ShutdownRequest{});
  wire->end(false);
  return pass("timeout, then telemetry and shutdown alone");
}

}  // namespace

std::vector<Rule> endurance_rules() {
  return {
      {"keeps-working",
       "device",
       "PROTOCOL.md, An hour as a worker",
       "a run takes hours, and one device must stay",
       {"measure", "telemetry"},
       keeps_working},
  };
}

std::vector<Rule> device_rules() {
  return {
      {"same-part",
       "device",
       "PROTOCOL.md, open",
       "the part that was measured is the part that is delivered",
       {"keeps-working"},
       same_part},
      {"same-attributes",
       "device",
       "geomsu_plugin.h, geomsu_description",
       "a link that is lost is another machine",
       {"keeps-working"},
       same_attributes},
      {"counters",
       "device",
       "PROTOCOL.md, telemetry",
       "counters only grow: their difference is what happened",
       {"keeps-working"},
       counters},
      {"steady",
       "device",
       "geomsu_plugin.h, geomsu_telemetry",
       "the pace of the first seconds is not what is delivered",
       {"keeps-working", "spans"},
       steady},
      {"memory-returned",
       "device",
       "PROTOCOL.md, release",
       "what is not given back is missing for the next workload",
       {"release", "telemetry"},
       memory_returned},
      {"too-late",
       "device",
       "PROTOCOL.md, measure",
       "a block that hangs must not hang the run",
       {"measure", "shutdown", "wait-again"},
       too_late},
  };
}

}  // namespace geomsu::conform
