#include "kernels/cpu/telemetry_energy.hpp"

#include <charconv>
#include <set>

#include "kernels/cpu/telemetry_files.hpp"

namespace geomsu::cpu {
namespace {

// The package of "package-1" and "package-1-die-0", of "Esocket1".
std::optional<int> number_after(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  int number = 0;
  const char* begin = name.data() + prefix.size();
  const char* last = name.data() + name.size();
  const auto [end, error] = std::from_chars(begin, last, number);
  if (error != std::errc() || number < 0 || (end != last && *end != '-')) return std::nullopt;
  return number;
}

}  // namespace

EnergyCounters::EnergyCounters(const std::string& root, const Place& place) {
  if (place.packages.empty()) {
    why_ = "the kernel names no package of these cores";
  } else if (!place.whole()) {
    why_ = "these are " + place.partial() + ", and its counter is the whole package's";
  } else {
    find_powercap(root, place);
    if (counters_.empty()) find_amd_energy(root, place);
    if (counters_.empty() && why_.empty())
      why_ = "no powercap zone and no amd_energy of the package: virtual machines have none";
  }
}

bool EnergyCounters::add(const std::string& file, std::optional<double> range_uj) {
  const auto now = files::count(file);
  if (now) {
    counters_.push_back({file, range_uj, *now, 0});
  } else {
    why_ = file + " cannot be read: it is root's alone (CVE-2020-8694), or it holds no number";
  }
  return now.has_value();
}

void EnergyCounters::find_powercap(const std::string& root, const Place& place) {
  std::set<int> found;
  std::string words;
  const auto zones = files::entries(root + "/sys/class/powercap", "intel-rapl:");
  const auto range = [](const std::filesystem::path& zone) { return files::count(zone / "max_energy_range_uj"); };
  for (const auto& zone : zones) {
    const std::string name = files::line(zone / "name");
    const auto package = number_after(name, "package-");
    if (!package || !place.packages.contains(*package)) continue;
    if (!add(zone / "energy_uj", range(zone))) return counters_.clear();
    found.insert(*package);
    words += (words.empty() ? "powercap " : ", ") + name;
    // Memory is a zone of its own below the package's; "core" and "uncore" are within the package.
    for (const auto& part : zones) {
      if (!part.filename().string().starts_with(zone.filename().string() + ":")) continue;
      if (files::line(part / "name") != "dram") continue;
      if (!add(part / "energy_uj", range(part))) return counters_.clear();
      words += " and its dram";
    }
  }
  if (found.size() == place.packages.size()) {
    source_ = words;
  } else if (!found.empty()) {
    why_ = "powercap has zones of some of the packages only";
    counters_.clear();
  }
}

void EnergyCounters::find_amd_energy(const std::string& root, const Place& place) {
  std::set<int> found;
  std::string words;
  for (const auto& folder : files::entries(root + "/sys/class/hwmon", "hwmon")) {
    if (files::line(folder / "name") != "amd_energy") continue;
    for (const auto& file : files::entries(folder, "energy")) {
      const std::string name = file.filename().string();
      if (!name.ends_with("_label")) continue;
      const auto package = number_after(files::line(file), "Esocket");
      if (!package || !place.packages.contains(*package)) continue;
      // The driver itself adds wraps up into 64 bits.
      if (!add(folder / (name.substr(0, name.size() - 5) + "input"), std::nullopt)) return counters_.clear();
      found.insert(*package);
      words += (words.empty() ? "amd_energy " : ", ") + files::line(file);
    }
  }
  if (found.size() == place.packages.size()) {
    source_ = words;
    why_.clear();
  } else if (!found.empty()) {
    why_ = "amd_energy has some of the sockets only";
    counters_.clear();
  }
}

std::optional<double> EnergyCounters::joules() {
  if (counters_.empty() || lost_) return std::nullopt;
  double total_uj = 0;
  for (Counter& counter : counters_) {
    const auto now = files::count(counter.file);
    if (!now) return std::nullopt;
    if (*now < counter.last_uj) {
      // Nobody reads so seldom that half of the range goes by between two readings: that is no wrap, it began anew.
      const double grown = counter.range_uj.value_or(0) - counter.last_uj + *now;
      lost_ = !counter.range_uj || grown < 0 || grown > *counter.range_uj / 2;
      if (lost_) return std::nullopt;
      counter.carried_uj += *counter.range_uj;
    }
    counter.last_uj = *now;
    total_uj += *now + counter.carried_uj;
  }
  return total_uj * 1e-6;
}

}  // namespace geomsu::cpu
