#include "harness/measure/process_tree.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace geomsu {
namespace fs = std::filesystem;

std::vector<pid_t> process_tree(pid_t parent) {
  constexpr std::size_t kMost = 100'000;
  std::vector<pid_t> found;
  std::vector<pid_t> open{parent};
  while (!open.empty() && found.size() < kMost) {
    const pid_t next = open.back();
    open.pop_back();
    std::error_code failed;
    for (const auto& thread : fs::directory_iterator(fmt::format("/proc/{}/task", next), failed)) {
      std::ifstream list(thread.path() / "children");
      for (pid_t child = 0; list >> child;) {
        found.push_back(child);
        open.push_back(child);
      }
    }
  }
  return found;
}

}  // namespace geomsu
