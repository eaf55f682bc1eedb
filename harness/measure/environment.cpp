// Facts about the host, read from the kernel. What cannot be read is left out.
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/measure/child.hpp"
#include "harness/measure/pci_count.hpp"
#include "harness/measure/run.hpp"

namespace geomsu {
namespace {

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The value of the first line `key<spaces>: value` or `key=value`.
std::string field(const char* path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t cut = line.find(separator);
    if (cut == std::string::npos) continue;
    std::size_t begin = line.find_first_not_of(" \t\"", cut + 1);
    if (begin == std::string::npos) return "";
    std::size_t end = line.find_last_not_of(" \t\"");
    return line.substr(begin, end - begin + 1);
  }
  return "";
}

void keep(std::map<std::string, std::string>& facts, const std::string& key, std::string value) {
  if (!value.empty()) facts[key] = std::move(value);
}

}  // namespace

Environment describe_environment(const Inventory& inventory, const std::string& node, const std::string& tool,
                                 const std::string& tool_build) {
  Environment environment;
  environment.node = node;
  environment.tool = tool;
  environment.tool_build = tool_build;
  environment.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  timex clock{};
  const int state = ::adjtimex(&clock);
  environment.utc_synchronised = state >= 0 && state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
  environment.utc_source = environment.utc_synchronised ? "kernel clock disciplined (NTP or PTP)" : "unsynchronised";

  auto& facts = environment.facts;
  utsname names{};
  if (::uname(&names) == 0) {
    facts["kernel"] = names.release;
    facts["machine"] = names.machine;
  }
  keep(facts, "os", field("/etc/os-release", "PRETTY_NAME", '='));
  keep(facts, "cpu.model", field("/proc/cpuinfo", "model name", ':'));
  keep(facts, "cpu.microcode", field("/proc/cpuinfo", "microcode", ':'));
  keep(facts, "memory.total", field("/proc/meminfo", "MemTotal", ':'));
  keep(facts, "cpu.online", first_line("/sys/devices/system/cpu/online"));
  keep(facts, "numa.online", first_line("/sys/devices/system/node/online"));
  keep(facts, "hypervisor", field("/proc/cpuinfo", "flags", ':').find(" hypervisor") != std::string::npos ? "yes" : "");
  keep(facts, "product", first_line("/sys/devices/virtual/dmi/id/product_name"));
  keep(facts, "transparent_hugepage", first_line("/sys/kernel/mm/transparent_hugepage/enabled"));
  keep(facts, "cpufreq.governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
  if (const auto count = count_pci_accelerators()) facts["pci.accelerators"] = std::to_string(*count);
  keep(facts, "load_average", first_line("/proc/loadavg"));
  for (const auto& [name, value] : child_environment()) {
    // What workers inherit may change what they compute. PMIX_ names the job's own sockets and keys.
    if (name != "HOME" && !name.starts_with("PMIX_")) facts["env." + name] = value;
  }
  for (const auto& backend : inventory.backends) {
    environment.plugins.push_back(backend.fact);
    if (!backend.launched) continue;
    facts["launcher." + backend.fact.backend] = fmt::format("{}", fmt::join(backend.command, " "));
    keep(facts, "launcher." + backend.fact.backend + ".sha256", backend.launcher_sha256);
  }
  environment.devices = inventory.devices();
  return environment;
}

void add_site_readings(Environment& environment, const Site& site) {
  for (const SiteReading& reading : site.readings) {
    const std::string key = "site." + reading.key;
    environment.facts[key] = reading.text;
    environment.facts[key + ".meter"] = reading.meter;
    environment.facts[key + ".by"] = reading.by;
    environment.facts[key + ".date"] = reading.date;
  }
}

}  // namespace geomsu
