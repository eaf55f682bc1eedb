#include "kernels/cpu/telemetry_place.hpp"

#include <algorithm>
#include <set>

#include "kernels/cpu/telemetry_files.hpp"

namespace geomsu::cpu {
namespace {

// All online threads of the core that `cpu` is one of.
std::vector<int> siblings(const std::string& folder, int cpu) {
  for (const char* name : {"/core_cpus_list", "/thread_siblings_list"}) {
    std::vector<int> list = files::cpu_list(files::line(folder + name));
    if (std::find(list.begin(), list.end(), cpu) != list.end()) return list;
  }
  return {cpu};
}

}  // namespace

bool Place::whole() const {
  return !packages.empty() &&
         std::all_of(packages.begin(), packages.end(), [](const auto& package) { return package.second.whole(); });
}

std::string Place::partial() const {
  std::string text;
  for (const auto& [id, package] : packages) {
    if (package.whole()) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(package.own) + " of the " + std::to_string(package.all) +
            " cores of package " + std::to_string(id);
  }
  return text;
}

Place place_of(const std::string& root, const std::vector<int>& cores) {
  Place place;
  place.cores = cores;
  const std::set<int> own(cores.begin(), cores.end());
  std::set<int> seen;                      // one thread stands for its core
  std::map<int, Place::Package> packages;  // of the machine
  std::set<int> placed;
  for (const auto& folder : files::entries(root + "/sys/devices/system/cpu", "cpu")) {
    const auto cpu = files::index_of(folder, "cpu");
    if (!cpu) continue;
    const std::string topology = (folder / "topology").string();
    const auto package = files::count(topology + "/physical_package_id");  // -1: the kernel does not know
    const std::vector<int> threads = siblings(topology, *cpu);
    if (!package) continue;
    placed.insert(*cpu);
    if (!seen.insert(threads.front()).second) continue;
    Place::Package& counted = packages[static_cast<int>(*package)];
    ++counted.all;
    if (std::none_of(threads.begin(), threads.end(), [&](int thread) { return own.contains(thread); })) continue;
    ++counted.own;
    place.physical.push_back({static_cast<int>(*package), threads});
    if (const auto id = files::count(topology + "/core_id"))
      place.core_ids[static_cast<int>(*package)].push_back(static_cast<int>(*id));
  }
  for (const int core : cores) {
    if (!placed.contains(core)) place.physical.push_back({-1, {core}});
  }
  place.machine_packages = packages.size();
  for (const auto& [id, package] : packages) {
    if (package.own > 0) place.packages[id] = package;
  }
  for (const auto& folder : files::entries(root + "/sys/devices/system/node", "node")) {
    const auto node = files::index_of(folder, "node");
    if (!node) continue;
    for (const int cpu : files::cpu_list(files::line(folder / "cpulist"))) {
      if (own.contains(cpu)) place.nodes[*node].push_back(cpu);
    }
  }
  return place;
}

}  // namespace geomsu::cpu
