#include "kernels/cpu/topology.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>

#include <hwloc.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/affinity.hpp"

namespace geomsu::cpu {
namespace {

using plugin::Failure;

struct TopologyDeleter {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<std::remove_pointer_t<hwloc_topology_t>, TopologyDeleter>;

Topology load() {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) throw Failure(GEOMSU_INTERNAL, "hwloc cannot be initialised");
  Topology topology(raw);
  if (hwloc_topology_load(raw) != 0) throw Failure(GEOMSU_INTERNAL, "hwloc cannot read the topology of this machine");
  return topology;
}

// Physical cores under `within` of which a hardware thread is allowed to this process; the first allowed one stands for
// it.
std::vector<int> cores_in(hwloc_topology_t topology, hwloc_const_cpuset_t within, const std::vector<int>& allowed) {
  std::vector<int> cores;
  const int count = hwloc_get_nbobjs_inside_cpuset_by_type(topology, within, HWLOC_OBJ_CORE);
  for (int i = 0; i < count; ++i) {
    const auto* core = hwloc_get_obj_inside_cpuset_by_type(topology, within, HWLOC_OBJ_CORE, static_cast<unsigned>(i));
    if (core == nullptr) continue;
    for (int pu = hwloc_bitmap_first(core->cpuset); pu >= 0; pu = hwloc_bitmap_next(core->cpuset, pu)) {
      if (!std::binary_search(allowed.begin(), allowed.end(), pu)) continue;
      cores.push_back(pu);
      break;
    }
  }
  return cores;
}

std::vector<CoreSet> nodes_with_cores() {
  const Topology topology = load();
  const std::vector<int> allowed = allowed_cores();
  std::vector<CoreSet> sets;
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology.get(), HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
    CoreSet set;
    set.cores = cores_in(topology.get(), node->cpuset, allowed);
    set.memory_bytes = node->attr->numanode.local_memory;
    set.nodes = {node->os_index};
    if (!set.cores.empty()) sets.push_back(std::move(set));
  }
  if (sets.empty()) throw Failure(GEOMSU_INTERNAL, "hwloc finds no NUMA node with a core that this process may use");
  return sets;
}

}  // namespace

std::vector<CoreSet> discover(std::optional<std::uint64_t> devices) {
  std::vector<CoreSet> nodes = nodes_with_cores();
  if (!devices) return nodes;
  std::vector<std::pair<int, const CoreSet*>> cores;
  for (const CoreSet& node : nodes) {
    for (const int core : node.cores) cores.emplace_back(core, &node);
  }
  if (*devices == 0 || *devices > cores.size() || cores.size() % *devices != 0) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "devices=" + std::to_string(*devices) + " does not divide the " +
                                               std::to_string(cores.size()) + " cores evenly; next: a divisor of it");
  }
  const std::size_t each = cores.size() / *devices;
  std::vector<CoreSet> sets(*devices);
  for (std::size_t i = 0; i < cores.size(); ++i) {
    CoreSet& set = sets[i / each];
    const auto& [core, node] = cores[i];
    set.cores.push_back(core);
    if (std::find(set.nodes.begin(), set.nodes.end(), node->nodes.front()) == set.nodes.end()) {
      set.nodes.push_back(node->nodes.front());
      set.memory_bytes += node->memory_bytes;
    }
  }
  return sets;
}

}  // namespace geomsu::cpu
