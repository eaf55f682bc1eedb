// One case after another: prepared when its turn comes, timed by the device's spans, checked after each timed run.
//
// An iteration of Google Benchmark is one submission of R repeats, R found beforehand so that it lasts at least the
// block's time. Google Benchmark calls a case several times (to find how many iterations fill --benchmark_min_time,
// then once a repetition); buffers are kept between those calls. Refilling stands between submissions, outside the
// time: before each one where the workload asks for it, else when a call begins and once the state has run on for long.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/inside/workload.hpp"
#include "bench/kernels/cases.hpp"

namespace geomsu::bench {

// A case on a device (or on all), as it is registered under its name.
struct Registered {
  std::string name;  // "cpu/0/small/gemm:dtype=fp32,k=64,m=64,n=64@alone"
  Backend* backend = nullptr;
  std::vector<std::uint32_t> devices;
  const ops::Operation* operation = nullptr;
  ops::Params params;   // complete
  std::string refusal;  // why it cannot be asked for at all; empty where it can
};

// All cases of the table on all devices, and a skipped one for each operation without cases.
std::vector<Registered> cases_of(Backend& backend, const std::vector<OperationCases>& table);

class Runner {
 public:
  Runner(double block_ns, std::uint64_t seed) : block_ns_(block_ns), seed_(seed) {}
  void run(benchmark::State& state, const Registered& registered);

  struct Count {
    std::size_t ran = 0, skipped = 0, failed = 0;
  };
  Count count() const;  // of cases, each by the worst that happened to it
  void release() { current_ = {}; }

 private:
  enum class End { kRan, kSkipped, kFailed };
  struct Current {
    const Registered* of = nullptr;
    std::unique_ptr<InsideWorkload> work;
    std::uint64_t repeats = 1;
  };
  bool take(benchmark::State& state, const Registered& registered);
  std::optional<worker::Fault> find_repeats();
  std::optional<worker::Fault> refill(bool always);
  void end(benchmark::State& state, const Registered& registered, End end, const std::string& words);
  void refuse(benchmark::State& state, const Registered& registered, const worker::Fault& fault);

  double block_ns_;
  std::uint64_t seed_, seeds_drawn_ = 0;
  Current current_;
  std::map<std::string, End> ends_;
};

}  // namespace geomsu::bench
