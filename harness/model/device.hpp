// A device as a plug-in describes it, and where it stands. Absent is not zero.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

struct DeviceInfo {
  std::uint32_t index = 0;  // in its plug-in
  std::string backend;      // plug-in's name: "cpu"
  std::string name, vendor, uuid;
  std::optional<std::string> serial, pci_address, driver, firmware, partition;
  std::optional<std::uint64_t> memory_bytes, pcie_generation, pcie_width;
  std::map<std::string, std::string> attributes;  // "peak.fp32" (FLOP/s), "peak.source", "cores" ...

  // What the delivery list names it by: the serial where there is one, else the uuid.
  std::string unit_id() const { return serial.value_or(uuid); }
  bool same_part(const DeviceInfo& other) const;  // uuid, serial, firmware, memory, partition
  bool operator==(const DeviceInfo&) const = default;
};

// Where a unit stands: the node's name and the device's serial (empty = the node itself).
struct Unit {
  std::string node;
  std::string device;
  auto operator<=>(const Unit&) const = default;
  std::string name() const { return device.empty() ? node : node + "/" + device; }
};

struct Telemetry {
  std::int64_t mono_ns = 0, utc_ns = 0;
  std::optional<double> power_w, energy_j, temperature_c, memory_temperature_c, clock_mhz, memory_clock_mhz,
      memory_used_bytes, foreign_load;
  std::optional<std::uint64_t> throttle, throttle_events, ecc_corrected, ecc_uncorrected, link_replays, fault_events;
  bool operator==(const Telemetry&) const = default;
};

}  // namespace geomsu
