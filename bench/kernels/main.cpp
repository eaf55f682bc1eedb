// geomsu-bench-kernels: every workload of every plug-in, as Google Benchmark cases.
#include <cstdio>
#include <deque>
#include <random>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/kernels/options.hpp"
#include "bench/kernels/runner.hpp"
#include "harness/base/error.hpp"

namespace geomsu::bench {
namespace {

// With --plugin one, or the refusal; else all of the folder that can be loaded, the others named.
std::vector<std::unique_ptr<Backend>> load_backends(const KernelOptions& options) {
  std::vector<std::unique_ptr<Backend>> backends;
  if (!options.plugin.empty()) {
    backends.push_back(Backend::load(options.plugin, params_from(options.params)));
    return backends;
  }
  for (const auto& path : plugins_in(backend_folder())) {
    try {
      backends.push_back(Backend::load(path, {}));
    } catch (const Error& error) {
      fmt::print(stderr, "geomsu-bench-kernels: left out: {}\n", error.what());
    }
  }
  if (backends.empty()) throw Error(ErrorCode::kUnavailable, "no plug-in can be loaded", backend_folder().string());
  return backends;
}

int exit_status(const Runner::Count& count, std::size_t matched) {
  fmt::print(stderr, "geomsu-bench-kernels: {} cases ran, {} skipped, {} failed\n", count.ran, count.skipped,
             count.failed);
  if (count.failed > 0) return 1;
  const bool only_listed = matched > 0 && count.ran + count.skipped == 0;  // --benchmark_list_tests
  return count.ran > 0 || only_listed ? 0 : 2;
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv, print_kernel_help);
  const KernelOptions options = kernel_options(argc, argv);
  const auto backends = load_backends(options);
  const std::uint64_t seed = options.seed.value_or(std::random_device{}());
  benchmark::AddCustomContext("geomsu_seed", std::to_string(seed));
  benchmark::AddCustomContext("geomsu_block_ms", fmt::format("{}", options.block_ms));
  Runner runner(options.block_ms * 1e6, seed);
  std::deque<Registered> cases;
  for (const auto& backend : backends) {
    for (Registered& one : cases_of(*backend, case_table())) {
      const Registered& kept = cases.emplace_back(std::move(one));
      benchmark::RegisterBenchmark(kept.name.c_str(), [&](benchmark::State& state) { runner.run(state, kept); })
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  runner.release();
  const int status = exit_status(runner.count(), matched);
  for (const auto& backend : backends) {
    if (!backend->wedged()) continue;
    std::fflush(nullptr);
    _exit(status);  // its threads still run: nothing may be destroyed under them
  }
  return status;
}

}  // namespace
}  // namespace geomsu::bench

int main(int argc, char** argv) {
  try {
    return geomsu::bench::run(argc, argv);
  } catch (const geomsu::Error& error) {
    fmt::print(stderr, "geomsu-bench-kernels: {}\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "geomsu-bench-kernels: {}\n", error.what());
    return static_cast<int>(geomsu::ErrorCode::kInternal);
  }
}
