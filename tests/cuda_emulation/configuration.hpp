// What one emulated process is told: emulation.yaml in the folder from which the library was loaded, as the loader
// found it (a symbolic link is not followed, so a test makes a folder of links and its own file).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/cuda_emulation/node.hpp"

namespace geomsu::emulation {

enum class Order {
  kLate,   // work runs as late as the API allows
  kRandom  // in random order among what dependencies leave free, some of it early
};

// `call` counts from 1, over the calls of `function` (with `device`: those made while it is current). The function is
// the symbol that is called; every way to launch a kernel is cudaLaunchKernel.
struct PlannedFault {
  std::string function;
  std::uint64_t call = 1;
  int status = 0;
  std::optional<int> device;
  bool every = false;         // from that call on
  std::uint64_t hang_ms = 0;  // of real time that the call takes first; with it `status` may be 0
};

struct Configuration {
  std::string file;
  Node node;
  std::uint64_t seed = 1;
  Order order = Order::kLate;
  bool kernel_faults_are_errors = false;  // else a kernel's fault ends the process
  bool leaks_fail = false;                // exit status kLeakStatus where something was not freed
  // Instructions after which a kernel that only spins is said not to end. The interpreter's own limit takes half a
  // minute.
  std::uint64_t spin_limit = 50000000;
  // Appended at exit: a line "FILE:LINE HITS" for each line of CUDA source that the kernels' PTX names. Empty: nothing.
  std::string kernel_hits;
  // Appended at exit: a line "FUNCTION DEVICE CALLS" for each function that was called, by the current device. Empty:
  // nothing.
  std::string calls;
  std::vector<PlannedFault> faults;
};
inline constexpr int kLeakStatus = 86;

// std::runtime_error with the place and what is wrong.
Configuration read_configuration(const std::string& folder);

// Folder of the library that holds `symbol`.
std::string folder_of(const void* symbol);

}  // namespace geomsu::emulation
