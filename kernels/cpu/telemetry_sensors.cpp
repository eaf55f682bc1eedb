#include "kernels/cpu/telemetry_sensors.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "kernels/cpu/telemetry_files.hpp"

namespace geomsu::cpu {
namespace {

namespace fs = std::filesystem;

std::optional<int> number_behind(const std::string& text, const std::string& mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  return number;
}

struct Sensor {
  std::string file, label;
};

std::vector<Sensor> sensors(const fs::path& folder) {
  std::vector<Sensor> found;
  for (const auto& file : files::entries(folder, "temp")) {
    const std::string name = file.filename().string();
    if (!name.ends_with("_input")) continue;
    found.push_back({file, files::line(folder / (name.substr(0, name.size() - 5) + "label"))});
  }
  return found;
}

// The package's sensors; of a part of a package its own cores' where they are named.
void add_coretemp(const fs::path& folder, const Place& place, std::vector<std::string>& out) {
  const std::vector<Sensor> all = sensors(folder);
  std::optional<int> package;
  for (const Sensor& sensor : all) {
    if (!package) package = number_behind(sensor.label, "Package id ");
  }
  if (!package && place.machine_packages == 1) package = place.packages.begin()->first;
  const auto known = package ? place.packages.find(*package) : place.packages.end();
  if (known == place.packages.end()) return;
  const auto ids = place.core_ids.find(*package);
  std::vector<std::string> own;
  for (const Sensor& sensor : all) {
    const auto core = number_behind(sensor.label, "Core ");
    if (core && ids != place.core_ids.end() &&
        std::find(ids->second.begin(), ids->second.end(), *core) != ids->second.end())
      own.push_back(sensor.file);
  }
  if (!known->second.whole() && !own.empty()) {
    out.insert(out.end(), own.begin(), own.end());
  } else {
    for (const Sensor& sensor : all) out.push_back(sensor.file);
  }
}

// One a socket, told apart by the NUMA node of its PCI function. Tctl is for fans and may be above the true Tdie.
void add_k10temp(const fs::path& folder, const Place& place, std::vector<std::string>& out) {
  const auto node = files::count(folder / "device/numa_node");
  const bool own = place.all_packages() || (node && place.nodes.contains(static_cast<int>(*node)));
  if (!own) return;
  const std::vector<Sensor> all = sensors(folder);
  const bool die = std::any_of(all.begin(), all.end(), [](const Sensor& s) { return s.label == "Tdie"; });
  for (const Sensor& sensor : all) {
    if (!die || sensor.label != "Tctl") out.push_back(sensor.file);
  }
}

// Sum over parts of a controller, where the controller itself does not count.
std::optional<double> sum_of_parts(const fs::path& controller, const std::string& counter) {
  std::optional<double> sum;
  for (const auto& [part, name] :
       {std::pair{"csrow", counter}, {"dimm", "dimm_" + counter}, {"rank", "dimm_" + counter}}) {
    for (const auto& folder : files::entries(controller, part)) {
      if (!files::index_of(folder, part)) continue;
      if (const auto count = files::count(folder / name)) sum = sum.value_or(0) + *count;
    }
    if (sum) return sum;  // csrows and dimms count the same errors
  }
  return std::nullopt;
}

}  // namespace

Thermometers::Thermometers(const std::string& root, const Place& place) {
  if (place.packages.empty()) {
    why_ = "the kernel names no package of these cores";
    return;
  }
  bool unplaced = false;
  for (const auto& folder : files::entries(root + "/sys/class/hwmon", "hwmon")) {
    const std::string name = files::line(folder / "name");
    if (name != "coretemp" && name != "k10temp") continue;
    const std::size_t before = files_.size();
    name == "coretemp" ? add_coretemp(folder, place, files_) : add_k10temp(folder, place, files_);
    if (files_.size() > before) source_ = name;
    unplaced = unplaced || files_.size() == before;
  }
  if (!files_.empty()) return;
  std::vector<std::string> zones;
  for (const auto& zone : files::entries(root + "/sys/class/thermal", "thermal_zone")) {
    if (files::line(zone / "type") == "x86_pkg_temp") zones.push_back(zone / "temp");
  }
  if (!zones.empty() && (zones.size() == 1 ? place.machine_packages == 1 : place.all_packages())) {
    files_ = zones;
    source_ = "x86_pkg_temp";
  } else if (unplaced || !zones.empty()) {
    why_ = "nothing tells which thermometer is this package's";
  } else {
    why_ = "no coretemp, k10temp or x86_pkg_temp";
  }
}

std::optional<double> Thermometers::hottest_c() const {
  std::optional<double> hottest;
  for (const auto& file : files_) {
    const auto milli = files::number(file);
    if (milli && (!hottest || *milli / 1e3 > *hottest)) hottest = *milli / 1e3;
  }
  return hottest;
}

EccCounters::EccCounters(const std::string& root, const Place& place) {
  std::vector<fs::path> all;
  for (const auto& folder : files::entries(root + "/sys/devices/system/edac/mc", "mc")) {
    if (files::index_of(folder, "mc")) all.push_back(folder);
  }
  if (all.empty()) return;
  std::vector<std::string> own;
  std::set<int> told;
  bool every = true;
  for (const fs::path& folder : all) {
    const std::string name = files::line(folder / "mc_name");
    auto package = number_behind(name, "Socket#");
    if (!package) package = number_behind(name, "SrcID#");
    if (!package && all.size() == place.machine_packages) package = files::index_of(folder, "mc");
    every = every && package.has_value();
    if (!package) continue;
    told.insert(*package);
    if (place.packages.contains(*package)) own.push_back(folder);
  }
  // Numbers that are no packages of this machine tell nothing.
  const bool known = every && !own.empty() && told.size() == place.machine_packages;
  if (known) {
    controllers_ = own;
    source_ = std::to_string(own.size()) + " of the machine's " + std::to_string(all.size()) + " memory controllers";
  } else {
    for (const fs::path& folder : all) controllers_.push_back(folder);
    source_ = "all " + std::to_string(all.size()) + " memory controllers of the machine: nothing tells whose they are";
  }
}

std::optional<std::uint64_t> EccCounters::sum(const std::string& counter) const {
  std::optional<double> total;
  for (const fs::path controller : controllers_) {
    auto count = files::count(controller / counter);
    if (!count) count = sum_of_parts(controller, counter);
    if (!count) return std::nullopt;  // a sum with one missing would fall and grow as it comes and goes
    total = total.value_or(0) + *count;
  }
  if (!total) return std::nullopt;
  return static_cast<std::uint64_t>(*total);
}

ThrottleCounts throttle_counts(const std::string& root, const Place& place) {
  const auto most = [&root](const std::vector<int>& cpus, const std::string& name) {
    std::optional<double> count;
    for (const int cpu : cpus) {
      const auto one =
          files::count(root + "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/thermal_throttle/" + name);
      if (one && (!count || *one > *count)) count = one;
    }
    return count;
  };
  const auto sum = [&](const std::string& kind) -> std::optional<std::uint64_t> {
    std::optional<double> total;
    std::map<int, std::vector<int>> of_package;
    bool missing = false;
    for (const auto& core : place.physical) {
      const auto count = most(core.threads, "core_" + kind);
      if (count) total = total.value_or(0) + *count;
      missing = missing || !count;
      auto& cpus = of_package[core.package];
      cpus.insert(cpus.end(), core.threads.begin(), core.threads.end());
    }
    // Without one of its cores the sum would fall, and grow again as the core comes back.
    if (missing) return std::nullopt;
    for (const auto& [id, cpus] : of_package) {
      if (const auto count = most(cpus, "package_" + kind)) total = total.value_or(0) + *count;
    }
    if (!total) return std::nullopt;
    return static_cast<std::uint64_t>(*total);
  };
  return {sum("throttle_count"), sum("power_limit_count")};
}

}  // namespace geomsu::cpu
