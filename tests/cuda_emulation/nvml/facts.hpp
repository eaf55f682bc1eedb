// The section `nvml` of a device in nodes/*.yaml: what NVML says of it. A key that is not there is a function that the
// device does not support. README.md lists the keys.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/cuda_emulation/configuration.hpp"
#include "tests/cuda_emulation/nvml/value.hpp"

namespace geomsu::emulation::nvml {

struct ProcessFacts {
  unsigned pid = 0;  // 0: this process
  std::string name;
  double memory_bytes = 0;
  unsigned sm = 0;  // percent
  bool graphics = false;
};

struct MigFacts {
  std::string uuid;
  unsigned gpu_instance = 0, compute_instance = 0, multiprocessors = 0;
  double memory_bytes = 0, memory_used = 0;
};

struct FabricFacts {
  int state = 0, status = 0;
  unsigned clique = 0, health = 0;
};

struct XidFacts {
  unsigned xid = 0;
  Moment moment;  // readings are waits for events
};

struct DeviceFacts {
  std::map<std::string, Value> numbers;
  std::map<std::string, std::string> texts;
  std::vector<unsigned> links_down;
  std::vector<std::string> link_remotes;  // of link i: i modulo so many; GPUs where `link_remote` is gpu
  bool links_to_switch = true;
  std::optional<FabricFacts> fabric;
  bool mig = false, mig_pending = false, mig_known = false;
  std::vector<MigFacts> mig_instances;
  std::vector<ProcessFacts> processes;
  bool processes_known = false;
  std::vector<XidFacts> xids;
  bool events_known = false;
  std::optional<std::uint64_t> lost_after;  // calls with this device
  std::vector<PlannedFault> faults;
};

struct NodeFacts {  // top-level `nvml` of the node
  std::string driver_version, nvml_version;
  std::vector<PlannedFault> faults;
};

struct NvmlFacts {
  NodeFacts node;
  std::vector<DeviceFacts> devices;  // by ordinal
};

// std::runtime_error "FILE:LINE: ..." for what nobody knows. "{i}" in a text is the device's ordinal.
NvmlFacts read_facts(const Configuration& configuration);

}  // namespace geomsu::emulation::nvml
