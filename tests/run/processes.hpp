// Processes as /proc shows them: who is whose child, and who is still there when nobody should be.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace geomsu::test {

// The children of `parent`, and theirs, in the order of their ids.
std::vector<pid_t> descendants(pid_t parent);
bool is_alive(pid_t pid);  // a zombie is not

// Remembers each descendant that was ever seen; a pid that the system gave to somebody else since is not counted.
class ProcessWatch {
 public:
  void look(pid_t parent);
  // Of those seen, who still runs a little later (a killed process needs a moment): empty is good.
  std::string survivors() const;
  std::size_t seen() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::pair<pid_t, std::string>> seen_;  // with the start time
};

}  // namespace geomsu::test
