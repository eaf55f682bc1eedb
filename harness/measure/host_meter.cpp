#include "harness/measure/host_meter.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace geomsu {

std::optional<ProcessTimes> parse_process_stat(std::string_view line) {
  const std::size_t name_ends = line.rfind(')');
  if (name_ends == std::string_view::npos) return std::nullopt;
  std::istringstream words{std::string(line.substr(name_ends + 1))};
  // state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime
  std::string skipped;
  ProcessTimes times;
  words >> skipped >> skipped >> times.group;
  for (int i = 0; i < 8; ++i) words >> skipped;
  std::uint64_t user = 0, system = 0;
  std::int64_t waited_user = 0, waited_system = 0;  // signed in the kernel
  words >> user >> system >> waited_user >> waited_system;
  if (!words) return std::nullopt;
  times.ticks = user + system + static_cast<std::uint64_t>(std::max<std::int64_t>(0, waited_user + waited_system));
  return times;
}

std::optional<std::int64_t> group_cpu_ns(pid_t group, const std::filesystem::path& proc) {
  std::error_code failed;
  std::uint64_t ticks = 0;
  bool seen = false;
  for (std::filesystem::directory_iterator entry(proc, failed), last; !failed && entry != last;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry->path() / "stat");
    std::string line;
    if (!std::getline(file, line)) continue;  // it has ended meanwhile
    const auto times = parse_process_stat(line);
    if (!times || times->group != group) continue;
    seen = true;
    ticks += times->ticks;
  }
  if (!seen) return std::nullopt;
  return static_cast<std::int64_t>(static_cast<double>(ticks) * 1e9 / static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

void HostMeter::begin(std::int64_t now_ns) {
  cpu_ = group_cpu_ns(group_);
  began_ns_ = now_ns;
}

void HostMeter::end(std::int64_t now_ns) {
  const auto cpu = group_cpu_ns(group_);
  if (cpu_ && cpu) {
    cpu_ns_ += std::max<std::int64_t>(0, *cpu - *cpu_);  // less where a child ended unwaited
    wall_ns_ += now_ns - began_ns_;
  }
  cpu_.reset();
}

std::optional<double> HostMeter::cores() const {
  if (wall_ns_ <= 0) return std::nullopt;
  return static_cast<double>(cpu_ns_) / static_cast<double>(wall_ns_);
}

std::optional<HostUse> judge_host_use(double cores) {
  if (cores <= kHostFindingCores) return std::nullopt;
  return HostUse{
      cores > kHostInvalidCores,
      fmt::format("the worker used {:.2f} cores of the host while its device was timed: it spins or computes "
                  "on the host",
                  cores)};
}

}  // namespace geomsu
