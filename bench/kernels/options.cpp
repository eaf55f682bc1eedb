#include "bench/kernels/options.hpp"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <benchmark/benchmark.h>

#include "harness/base/error.hpp"

namespace geomsu::bench {
namespace {

void declare(CLI::App& app, KernelOptions& options) {
  app.set_help_flag();  // Google Benchmark answers --help, through print_kernel_help
  app.add_option("--plugin", options.plugin, "plug-in to measure; left out: every geomsu_*.so of lib/geomsu/backends");
  app.add_option("--param", options.params, "setting key=value of that plug-in; may stand several times")
      ->needs("--plugin")
      ->allow_extra_args(false);
  app.add_option("--block-ms", options.block_ms,
                 "an iteration is one submission of as many repeats as last so long (at most 16384), default 20")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "of operands and of what is checked; drawn where left out");
}

}  // namespace

KernelOptions kernel_options(int argc, char** argv) {
  CLI::App app("Every workload of every plug-in as Google Benchmark cases.", "geomsu-bench-kernels");
  KernelOptions options;
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    throw Error(ErrorCode::kUsage, error.what(), "command line", "see --help");
  }
  return options;
}

void print_kernel_help() {
  CLI::App app("Every workload of every plug-in as Google Benchmark cases.", "geomsu-bench-kernels");
  KernelOptions options;
  declare(app, options);
  std::fputs(app.help().c_str(), stdout);
  std::fputs(
      "\nCases are named PLUGIN/DEVICE/SIZE/WORKLOAD; SIZE is small, edge or large. A case that the device does not\n"
      "offer shows as an error that begins with 'skipped:', one that went wrong with 'failed:'. Exit status: 0 at "
      "least\n"
      "one case ran and none failed; 1 a case failed; 2 none failed and none ran; 64 usage; 69 no plug-in.\n\n"
      "Google Benchmark's flags:\n",
      stdout);
  benchmark::PrintDefaultHelp();
}

}  // namespace geomsu::bench
