// Where it was measured: facts for a reader, and those that a resumed run must find unchanged.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/model/device.hpp"

namespace geomsu {

struct PluginFact {
  std::string backend, path, sha256, build_id, version, simulated,
      refused;  // refused: the reason, empty where it serves
  bool operator==(const PluginFact&) const = default;
};

struct Environment {
  std::string node, boot_id, tool, tool_build;  // tool_build: compiler, flags, commit
  bool utc_synchronised = false;
  std::string utc_source;  // "ntp", "ptp", "unknown"
  std::map<std::string, std::string>
      facts;  // "os", "kernel", "cpu.model", "memory.bytes", "numa.nodes", "hypervisor" ...
  std::vector<PluginFact> plugins;
  std::vector<DeviceInfo> devices;  // all that were found; a resumed run must find the same parts
  bool operator==(const Environment&) const = default;
};

}  // namespace geomsu
