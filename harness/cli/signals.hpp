// Ctrl-C and SIGTERM set a flag and nothing else; a second one ends the program at once, as the system would.
#pragma once

#include <atomic>

namespace geomsu::cli {

// Handlers for the life of the object; one at a time. A closed pipe is an error of the write, never a death in the run.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  std::atomic<bool>& interrupted();
};

}  // namespace geomsu::cli
