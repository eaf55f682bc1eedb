// Processor time of a worker on the host while its device is timed, read by the supervisor from /proc. It tells a
// device from a host that computes in its name.
//
// Trap: it sees the processes of the worker's process group and the children they waited for on this machine; not a
// process that left the group, not another machine, not another device.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace geomsu {

inline constexpr double kHostFindingCores = 0.5, kHostInvalidCores = 1.25;

struct ProcessTimes {
  pid_t group = 0;
  std::uint64_t ticks = 0;  // utime + stime + cutime + cstime, in clock ticks
};
// A line of /proc/PID/stat; the command's name may hold spaces and brackets. nullopt where it is none.
std::optional<ProcessTimes> parse_process_stat(std::string_view line);

// Of all processes of a group, in ns; nullopt where /proc shows none of them.
std::optional<std::int64_t> group_cpu_ns(pid_t group, const std::filesystem::path& proc = "/proc");

// Adds up over the stretches between begin and end.
class HostMeter {
 public:
  explicit HostMeter(pid_t group) : group_(group) {}
  void begin(std::int64_t now_ns);
  void end(std::int64_t now_ns);
  std::optional<double> cores() const;  // the mean; nullopt where nothing could be read

 private:
  pid_t group_;
  std::optional<std::int64_t> cpu_;
  std::int64_t began_ns_ = 0, cpu_ns_ = 0, wall_ns_ = 0;
};

struct HostUse {
  bool invalid = false;  // else a finding
  std::string words;
};
// What the mean means for a device that is not the host's own processor.
std::optional<HostUse> judge_host_use(double cores);

}  // namespace geomsu
