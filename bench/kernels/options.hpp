// geomsu-bench-kernels' own flags; Google Benchmark's are taken out of the command line before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace geomsu::bench {

struct KernelOptions {
  std::string plugin;               // path; empty: all of the backends' folder
  std::vector<std::string> params;  // "key=value" of the plug-in's instance
  double block_ms = 20;             // what one submission lasts at least
  std::optional<std::uint64_t> seed;
};

// Error kUsage with what is wrong.
KernelOptions kernel_options(int argc, char** argv);
void print_kernel_help();  // called by Google Benchmark for --help and for a flag it does not understand

}  // namespace geomsu::bench
