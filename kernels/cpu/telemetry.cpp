#include "kernels/cpu/telemetry.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/span.hpp"
#include "kernels/cpu/telemetry_files.hpp"

namespace geomsu::cpu {
namespace {

// Loads are taken against a reading this long ago: /proc/stat counts hundredths of a second.
constexpr double kLoadWindow_s = 1.0;
constexpr std::size_t kMaxSamples = 64;

std::string core_folder(const std::string& root, int core) {
  return root + "/sys/devices/system/cpu/cpu" + std::to_string(core);
}

double own_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool holds(const std::vector<int>& list, int number) {
  return std::find(list.begin(), list.end(), number) != list.end();
}

// Lines "MemTotal: 12 kB", each after `prefix` words ("Node 0 " of a node's meminfo), in bytes.
std::map<std::string, double> meminfo(const std::string& path, int prefix) {
  std::map<std::string, double> bytes;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    for (int i = 0; i < prefix; ++i) words >> name;
    double kib = 0;
    if (words >> name >> kib && kib >= 0) bytes[name] = kib * 1024;
  }
  return bytes;
}

// lxcfs shows a container its own load in the place of the cores'.
bool stat_of_a_container(const std::string& root) {
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.find(" /proc/stat ") != std::string::npos) return true;
  }
  return false;
}

std::string megahertz(double khz) { return std::to_string(static_cast<long long>(khz / 1000)); }

}  // namespace

TelemetrySource::TelemetrySource(std::string root, const std::vector<int>& cores)
    : root_(std::move(root)),
      place_(place_of(root_, cores)),
      container_stat_(stat_of_a_container(root_)),
      energy_(root_, place_),
      thermometers_(root_, place_),
      ecc_(root_, place_) {
  std::ifstream cpuinfo(root_ + "/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    // Without APERF/MPERF "cpu MHz" is a constant of the boot, not a reading.
    if (line.find(" aperfmperf") != std::string::npos) clock_in_cpuinfo_ = true;
  }
  for (const auto& core : place_.physical) threads_.insert(threads_.end(), core.threads.begin(), core.threads.end());
  name_facts();
  name_absent(read());
}

Reading TelemetrySource::read() {
  const std::lock_guard lock(mutex_);
  Reading reading;
  reading.energy_j = energy_.joules();
  reading.temperature_c = thermometers_.hottest_c();
  reading.clock_mhz = clock_mhz();
  reading.memory_used_bytes = memory_used_bytes();
  reading.ecc_corrected = ecc_.corrected();
  reading.ecc_uncorrected = ecc_.uncorrected();
  read_throttling(reading);
  read_load(reading);
  return reading;
}

// The kernel counts beginnings of throttling and shows no state: a bit says that it began since the last reading.
void TelemetrySource::read_throttling(Reading& reading) {
  const ThrottleCounts now = throttle_counts(root_, place_);
  const auto grew = [](const std::optional<std::uint64_t>& count, const std::optional<std::uint64_t>& before) {
    return count && before && *count > *before;
  };
  reading.throttle_events = now.thermal;
  if (now.thermal || now.power) {
    reading.throttle = (grew(now.thermal, last_throttle_.thermal) ? GEOMSU_THROTTLE_THERMAL : 0U) |
                       (grew(now.power, last_throttle_.power) ? GEOMSU_THROTTLE_POWER : 0U);
  }
  last_throttle_ = now;
}

void TelemetrySource::read_load(Reading& reading) {
  auto now = sample();
  if (!now) {
    samples_.clear();  // with a core that comes back all would seem to have happened at once
    return;
  }
  now->energy_j = reading.energy_j;
  // The newest sample that is at least a window old, else the oldest there is.
  while (samples_.size() > 1 && now->at_s - samples_[1].at_s >= kLoadWindow_s) samples_.pop_front();
  if (!samples_.empty()) {
    const Sample& then = samples_.front();
    const double total = now->total_s - then.total_s, busy = now->busy_s - then.busy_s, own = now->own_s - then.own_s;
    if (total > 0 && !container_stat_) reading.foreign_load = std::clamp((busy - own) / total, 0.0, 1.0);
    const double seconds = now->at_s - then.at_s;
    if (now->energy_j && then.energy_j && seconds > 0) reading.power_w = (*now->energy_j - *then.energy_j) / seconds;
  }
  samples_.push_back(*now);
  if (samples_.size() > kMaxSamples) samples_.pop_front();
}

// Of every hardware thread of the cores, since a neighbour on the second thread takes from the same core. This process
// runs on these cores alone (it is pinned), so that all of its own time is theirs.
std::optional<TelemetrySource::Sample> TelemetrySource::sample() const {
  std::ifstream file(root_ + "/proc/stat");
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  Sample now;
  std::size_t seen = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    const auto cpu = files::index_of(name, "cpu");
    if (!cpu || !holds(threads_, *cpu)) continue;
    double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
    if (!(words >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal)) return std::nullopt;
    // Stolen time is a neighbour's of the hypervisor: foreign too. Guest time is within user.
    const double busy = user + nice + system + irq + softirq + steal;
    now.busy_s += busy / ticks;
    now.total_s += (busy + idle + iowait) / ticks;
    ++seen;
  }
  if (seen != threads_.size()) return std::nullopt;
  now.own_s = own_seconds();
  now.at_s = static_cast<double>(raw_now_ns()) * 1e-9;
  return now;
}

std::optional<double> TelemetrySource::clock_mhz() const {
  double sum = 0;
  std::size_t seen = 0;
  for (const int core : place_.cores) {
    const auto khz = files::count(core_folder(root_, core) + "/cpufreq/scaling_cur_freq");
    if (!khz || *khz == 0) continue;
    sum += *khz / 1e3;
    ++seen;
  }
  if (seen == 0 && clock_in_cpuinfo_) {
    std::ifstream file(root_ + "/proc/cpuinfo");
    int core = -1;
    for (std::string line; std::getline(file, line);) {
      const auto colon = line.find(':');
      if (colon == std::string::npos) continue;
      if (line.starts_with("processor")) core = std::atoi(line.c_str() + colon + 1);
      if (!line.starts_with("cpu MHz") || !holds(place_.cores, core)) continue;
      sum += std::strtod(line.c_str() + colon + 1, nullptr);
      ++seen;
    }
  }
  if (seen == 0 || sum <= 0) return std::nullopt;
  return sum / static_cast<double>(seen);
}

// Of the cores' NUMA nodes, by whoever uses them; page cache that can be given back is not used. A kernel without NUMA
// has one meminfo.
std::optional<double> TelemetrySource::memory_used_bytes() const {
  if (place_.nodes.empty()) {
    const auto all = meminfo(root_ + "/proc/meminfo", 0);
    const auto total = all.find("MemTotal:"), available = all.find("MemAvailable:");
    if (total == all.end() || available == all.end()) return std::nullopt;
    return total->second - available->second;
  }
  double used = 0;
  for (const auto& [node, cores] : place_.nodes) {
    const auto all = meminfo(root_ + "/sys/devices/system/node/node" + std::to_string(node) + "/meminfo", 2);
    const auto total = all.find("MemTotal:"), free = all.find("MemFree:");
    if (total == all.end() || free == all.end()) return std::nullopt;
    const auto part = [&all](const char* name) {
      const auto found = all.find(name);
      return found == all.end() ? 0.0 : found->second;
    };
    const double cache = part("FilePages:") - part("Shmem:") + part("SReclaimable:");
    used += std::max(0.0, total->second - free->second - std::max(0.0, cache));
  }
  return used;
}

void TelemetrySource::name_facts() {
  const auto add = [this](const char* key, std::string value) {
    if (!value.empty()) facts_.emplace_back(key, std::move(value));
  };
  std::string packages, nodes;
  for (const auto& [id, package] : place_.packages) {
    packages += (packages.empty() ? "" : "; ") + std::to_string(id) + ": " + std::to_string(package.own) + " of " +
                std::to_string(package.all) + " cores";
  }
  for (const auto& [node, cores] : place_.nodes)
    nodes += (nodes.empty() ? "" : "; ") + std::to_string(node) + ": cores " + ranges(cores);
  add("packages", packages);
  add("numa.cores", nodes);
  add("energy.source", energy_.source());
  add("temperature.source", thermometers_.source());
  add("ecc.source", ecc_.source());
  if (place_.cores.empty()) return;
  const std::string cpufreq = core_folder(root_, place_.cores.front()) + "/cpufreq/";
  const std::array<std::pair<const char*, const char*>, 2> clocks{
      {{"clock.base_mhz", "base_frequency"}, {"clock.max_mhz", "cpuinfo_max_freq"}}};
  for (const auto& [key, name] : clocks) {
    if (const auto khz = files::count(cpufreq + name)) add(key, megahertz(*khz));
  }
}

void TelemetrySource::name_absent(const Reading& reading) {
  const auto add = [this](bool present, const std::string& words) {
    if (!present) absent_ += (absent_.empty() ? "" : "; ") + words;
  };
  add(reading.energy_j.has_value(), "power and energy (" + energy_.why() + ")");
  add(reading.temperature_c.has_value(),
      "temperature (" + (thermometers_.why().empty() ? "the sensors give no number" : thermometers_.why()) + ")");
  add(reading.clock_mhz.has_value(), "clock (no cpufreq, no APERF/MPERF)");
  add(reading.memory_used_bytes.has_value(), "memory used (no meminfo of the cores' nodes)");
  add(reading.throttle_events.has_value(), "throttling (no thermal_throttle counters of each core)");
  add(reading.ecc_corrected.has_value(), "ECC (no EDAC memory controller that counts)");
  if (container_stat_) {
    add(false, "foreign load (/proc/stat is mounted over: it is the container's, not the cores')");
  } else {
    add(!samples_.empty(), "foreign load (no /proc/stat lines of each of these cores)");
  }
}

}  // namespace geomsu::cpu
