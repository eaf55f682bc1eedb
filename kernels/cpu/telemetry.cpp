#include "kernels/cpu/telemetry.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/cpu/executor.hpp"

namespace geomsu::cpu {
namespace {

namespace fs = std::filesystem;

// Loads are taken against a reading this long ago: /proc/stat counts hundredths of a second.
constexpr double kLoadWindow_s = 1.0;
constexpr std::size_t kMaxSamples = 64;

std::optional<double> number_in(const fs::path& path) {
  std::ifstream file(path);
  double number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

std::string word_in(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<fs::path> entries(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(prefix)) found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

fs::path core_folder(const std::string& root, int core) {
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

}  // namespace

TelemetrySource::TelemetrySource(std::string root, std::vector<int> cores)
    : root_(std::move(root)), cores_(std::move(cores)) {
  find_sensors();
  name_absent(read());
}

void TelemetrySource::find_sensors() {
  std::ifstream cpuinfo(root_ + "/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    // Without APERF/MPERF "cpu MHz" is a constant of the boot, not a reading.
    if (line.find(" aperfmperf") != std::string::npos) clock_in_cpuinfo_ = true;
  }
  std::set<std::string> packages;
  for (const int core : cores_) packages.insert(word_in(core_folder(root_, core) / "topology/physical_package_id"));
  for (const auto& folder : entries(root_ + "/sys/class/hwmon", "hwmon")) {
    const std::string name = word_in(folder / "name"), label = word_in(folder / "temp1_label");
    const std::string id = label.starts_with("Package id ") ? label.substr(11) : "";
    if (name != "k10temp" && (name != "coretemp" || (!id.empty() && !packages.contains(id)))) continue;
    for (const auto& file : entries(folder, "temp")) {
      if (file.filename().string().ends_with("_input")) temperature_files_.push_back(file);
    }
  }
  if (temperature_files_.empty()) {
    for (const auto& zone : entries(root_ + "/sys/class/thermal", "thermal_zone")) {
      if (word_in(zone / "type") == "x86_pkg_temp") temperature_files_.push_back(zone / "temp");
    }
  }
  for (const auto& zone : entries(root_ + "/sys/class/powercap", "intel-rapl:")) {
    const std::string name = word_in(zone / "name");
    if (!name.starts_with("package-") || !packages.contains(name.substr(8))) continue;
    if (!number_in(zone / "energy_uj")) continue;  // root's alone since CVE-2020-8694
    energy_.push_back({zone / "energy_uj", number_in(zone / "max_energy_range_uj").value_or(0), 0, 0, false});
  }
}

Reading TelemetrySource::read() {
  const std::lock_guard lock(mutex_);
  Reading reading;
  reading.energy_j = energy_j();
  reading.temperature_c = temperature_c();
  reading.clock_mhz = clock_mhz();
  reading.memory_used_bytes = memory_used_bytes();
  reading.throttle_events = throttle_events();
  if (reading.throttle_events) {
    const std::uint64_t before = last_throttle_events_.value_or(*reading.throttle_events);
    reading.throttle = *reading.throttle_events > before ? GEOMSU_THROTTLE_THERMAL : 0;
    last_throttle_events_ = reading.throttle_events;
  }
  reading.ecc_corrected = ecc("ce_count");
  reading.ecc_uncorrected = ecc("ue_count");
  if (auto now = sample()) {
    now->energy_j = reading.energy_j;
    // The newest sample that is at least a window old, else the oldest there is.
    while (samples_.size() > 1 && now->at_s - samples_[1].at_s >= kLoadWindow_s) samples_.pop_front();
    if (!samples_.empty()) {
      const Sample& then = samples_.front();
      const double total = now->total_s - then.total_s, busy = now->busy_s - then.busy_s, own = now->own_s - then.own_s;
      if (total > 0) reading.foreign_load = std::clamp((busy - own) / total, 0.0, 1.0);
      const double seconds = now->at_s - then.at_s;
      if (now->energy_j && then.energy_j && seconds > 0) reading.power_w = (*now->energy_j - *then.energy_j) / seconds;
    }
    samples_.push_back(*now);
    if (samples_.size() > kMaxSamples) samples_.pop_front();
  }
  return reading;
}

std::optional<TelemetrySource::Sample> TelemetrySource::sample() const {
  std::ifstream file(root_ + "/proc/stat");
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  Sample now;
  std::size_t seen = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (!name.starts_with("cpu") || name.size() == 3) continue;
    if (std::find(cores_.begin(), cores_.end(), std::atoi(name.c_str() + 3)) == cores_.end()) continue;
    double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
    if (!(words >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal)) return std::nullopt;
    // Stolen time is a neighbour's of the hypervisor: foreign too. Guest time is within user.
    const double busy = user + nice + system + irq + softirq + steal;
    now.busy_s += busy / ticks;
    now.total_s += (busy + idle + iowait) / ticks;
    ++seen;
  }
  if (seen != cores_.size()) return std::nullopt;
  now.own_s = own_seconds();
  now.at_s = static_cast<double>(raw_now_ns()) * 1e-9;
  return now;
}

std::optional<double> TelemetrySource::clock_mhz() const {
  double sum = 0;
  std::size_t seen = 0;
  for (const int core : cores_) {
    if (const auto khz = number_in(core_folder(root_, core) / "cpufreq/scaling_cur_freq")) {
      sum += *khz / 1e3;
      ++seen;
    }
  }
  if (seen == 0 && clock_in_cpuinfo_) {
    std::ifstream file(root_ + "/proc/cpuinfo");
    int core = -1;
    for (std::string line; std::getline(file, line);) {
      const auto colon = line.find(':');
      if (colon == std::string::npos) continue;
      if (line.starts_with("processor")) core = std::atoi(line.c_str() + colon + 1);
      if (!line.starts_with("cpu MHz") || std::find(cores_.begin(), cores_.end(), core) == cores_.end()) continue;
      sum += std::strtod(line.c_str() + colon + 1, nullptr);
      ++seen;
    }
  }
  if (seen == 0) return std::nullopt;
  return sum / static_cast<double>(seen);
}

std::optional<double> TelemetrySource::temperature_c() const {
  std::optional<double> hottest;
  for (const auto& file : temperature_files_) {
    const auto milli = number_in(file);
    if (milli && (!hottest || *milli / 1e3 > *hottest)) hottest = *milli / 1e3;
  }
  return hottest;
}

// The counters wrap at max_energy_range_uj; a reading every minute or so undoes it.
std::optional<double> TelemetrySource::energy_j() {
  if (energy_.empty()) return std::nullopt;
  double total_uj = 0;
  for (Energy& energy : energy_) {
    const auto now = number_in(energy.file);
    if (!now) return std::nullopt;
    if (energy.seen && *now < energy.last_uj) energy.carried_uj += energy.range_uj;
    energy.seen = true;
    energy.last_uj = *now;
    total_uj += *now + energy.carried_uj;
  }
  return total_uj * 1e-6;
}

std::optional<double> TelemetrySource::memory_used_bytes() const {
  std::ifstream file(root_ + "/proc/meminfo");
  std::optional<double> total, available;
  for (std::string word; file >> word;) {
    double kib = 0;
    if (word == "MemTotal:" && file >> kib) total = kib;
    if (word == "MemAvailable:" && file >> kib) available = kib;
  }
  if (!total || !available) return std::nullopt;
  return (*total - *available) * 1024;
}

std::optional<std::uint64_t> TelemetrySource::throttle_events() const {
  std::optional<double> sum;
  for (const int core : cores_) {
    for (const char* name : {"thermal_throttle/core_throttle_count", "thermal_throttle/package_throttle_count"}) {
      if (const auto count = number_in(core_folder(root_, core) / name)) sum = sum.value_or(0) + *count;
    }
  }
  if (!sum) return std::nullopt;
  return static_cast<std::uint64_t>(*sum);
}

std::optional<std::uint64_t> TelemetrySource::ecc(const char* counter) const {
  std::optional<double> sum;
  for (const auto& controller : entries(root_ + "/sys/devices/system/edac/mc", "mc")) {
    if (const auto count = number_in(controller / counter)) sum = sum.value_or(0) + *count;
  }
  if (!sum) return std::nullopt;
  return static_cast<std::uint64_t>(*sum);
}

void TelemetrySource::name_absent(const Reading& reading) {
  const auto add = [this](bool present, const char* words) {
    if (!present) absent_ += (absent_.empty() ? "" : "; ") + std::string(words);
  };
  add(reading.energy_j.has_value(), "power and energy (no readable powercap zone of the package)");
  add(reading.temperature_c.has_value(), "temperature (no coretemp, k10temp or x86_pkg_temp)");
  add(reading.clock_mhz.has_value(), "clock (no cpufreq, no APERF/MPERF)");
  add(reading.memory_used_bytes.has_value(), "memory used (no /proc/meminfo)");
  add(reading.throttle_events.has_value(), "throttling (no thermal_throttle counters)");
  add(reading.ecc_corrected.has_value(), "ECC (no EDAC memory controller)");
  add(!samples_.empty(), "foreign load (no /proc/stat lines of these cores)");
}

}  // namespace geomsu::cpu
