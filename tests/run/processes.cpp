#include "tests/run/processes.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>

namespace geomsu::test {
namespace fs = std::filesystem;
namespace {

struct Stat {
  pid_t parent = 0;
  char state = '?';
  std::string started;
};

// Fields of /proc/PID/stat; the name in the second may hold spaces and parentheses.
std::optional<Stat> stat_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t name_end = line.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(name_end + 2));
  Stat stat;
  std::string word;
  rest >> stat.state >> stat.parent;
  for (int field = 5; field <= 22; ++field) rest >> word;
  stat.started = word;
  return stat;
}

}  // namespace

std::vector<pid_t> descendants(pid_t parent) {
  std::map<pid_t, pid_t> parents;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/proc", failed)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (const auto stat = stat_of(pid)) parents[pid] = stat->parent;
  }
  std::vector<pid_t> found;
  for (const auto& [pid, direct] : parents) {
    pid_t up = direct;
    while (up != parent && up > 1 && parents.contains(up)) up = parents[up];
    if (up == parent) found.push_back(pid);
  }
  return found;
}

bool is_alive(pid_t pid) {
  const auto stat = stat_of(pid);
  return stat && stat->state != 'Z' && stat->state != 'X';
}

void ProcessWatch::look(pid_t parent) {
  for (const pid_t pid : descendants(parent)) {
    const auto stat = stat_of(pid);
    const std::lock_guard lock(mutex_);
    if (stat) seen_.insert({pid, stat->started});
  }
}

std::size_t ProcessWatch::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

std::string ProcessWatch::survivors() const {
  std::string names;
  for (int round = 0; round < 100; ++round) {
    names.clear();
    const std::lock_guard lock(mutex_);
    for (const auto& [pid, started] : seen_) {
      const auto stat = stat_of(pid);
      if (stat && stat->started == started && stat->state != 'Z' && stat->state != 'X') {
        names += std::to_string(pid) + " ";
      }
    }
    if (names.empty()) return names;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return names;
}

}  // namespace geomsu::test
