// Devices of the CPU backend: NUMA nodes that have cores allowed to us, or all those cores split evenly on request.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace geomsu::cpu {

struct CoreSet {
  std::vector<int> cores;          // the kernel's numbers, one hardware thread a physical core
  std::uint64_t memory_bytes = 0;  // of the NUMA nodes the cores belong to; shared where a node is split
  std::vector<unsigned> nodes;     // NUMA nodes, the kernel's numbers
};

// `devices`: absent = one a NUMA node with cores. Failure INVALID_ARGUMENT where the cores cannot be split evenly so.
std::vector<CoreSet> discover(std::optional<std::uint64_t> devices);

}  // namespace geomsu::cpu
