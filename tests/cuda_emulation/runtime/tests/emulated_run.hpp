// Runs one scenario in a process of its own: a folder with a link to the emulated runtime and an emulation.yaml, first
// on LD_LIBRARY_PATH.
#pragma once

#include <map>
#include <string>

namespace geomsu::emulation {

struct Outcome {
  int exit_status = -1;  // -1 where a signal ended it
  int signal = 0;
  std::string words;  // stdout and stderr
};

struct Run {
  std::string scenario;
  std::string yaml;     // of the process; kTestNode where it begins with no node of its own
  std::string library;  // of the scenarios; the usual one where empty
  std::map<std::string, std::string> environment = {};
};
Outcome run_emulated(const Run& run);

// Two small devices that are peers.
extern const char* const kTestNode;

}  // namespace geomsu::emulation
