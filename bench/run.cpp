// Ratios of medians: ours over the bare peer's, blocks of both in turn in one run, so that a noisy machine disturbs
// both. Counters: ratio = bare time / ours (1 is equal, above is faster), low..high its 95 % order-statistic interval.
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/bare.hpp"
#include "bench/through_worker.hpp"
#include "harness/stats/order.hpp"
#include "harness/stats/ratio.hpp"

namespace geomsu::bench {
namespace {

constexpr double kBlockNs = 300e6;

// The idle threads of one pool spin for a while after their last block and would disturb the other's.
void let_spinning_end() {
  const timespec pause{0, 20'000'000};
  ::nanosleep(&pause, nullptr);
}

template <class Bare>
void pairs(benchmark::State& state, Bare& bare, ThroughWorker& ours, std::uint64_t repeats, double work) {
  std::vector<double> bare_ns, our_ns, wall_over_span;
  bool bare_first = false;
  for (auto _ : state) {
    double first = 0, second = 0;
    for (int turn = 0; turn < 2; ++turn) {
      let_spinning_end();
      if ((turn == 0) == bare_first) {
        first = bare.block_ns(repeats);
      } else {
        second = ours.block_ns(repeats);
        wall_over_span.push_back(ours.wall_ns() - second);
      }
    }
    bare_first = !bare_first;
    bare_ns.push_back(first);
    our_ns.push_back(second);
    state.SetIterationTime(second * 1e-9);
  }
  if (const auto ratio = stats::paired_ratio(bare_ns, our_ns, 0.95)) {
    state.counters["ratio"] = ratio->ratio;
    state.counters["low"] = ratio->lower;
    state.counters["high"] = ratio->upper;
  }
  state.counters["ours_G/s"] = work * static_cast<double>(repeats) / stats::median(our_ns);
  state.counters["bare_G/s"] = work * static_cast<double>(repeats) / stats::median(bare_ns);
  state.counters["protocol_us"] = stats::median(wall_over_span) * 1e-3;
}

std::unique_ptr<ThroughWorker> start_worker(const std::string& op, const Params& params, std::uint64_t sets) {
  const Unpinned unpinned;
  return std::make_unique<ThroughWorker>(op, params, sets);
}

// `bare`: makes the peer of n and the sets.
template <class Make>
void gemm_pairs(benchmark::State& state, const std::string& dtype, Make make) {
  const auto n = static_cast<std::uint64_t>(state.range(0));
  const double work = 2.0 * static_cast<double>(n * n * n);
  const std::string size = std::to_string(n);
  const Params params{{"dtype", dtype}, {"m", size}, {"n", size}, {"k", size}};
  std::uint64_t repeats = 1;
  {
    auto probe = start_worker("gemm", params, 1);
    probe->block_ns(1);
    repeats = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(kBlockNs / probe->block_ns(1)));
  }
  const std::uint64_t sets = std::min<std::uint64_t>(repeats, 8);
  auto ours = start_worker("gemm", params, sets);
  auto bare = make(n, sets);
  pairs(state, *bare, *ours, repeats, work);
}

void gemm_fp32(benchmark::State& state) {
  gemm_pairs(state, "fp32", [](std::uint64_t n, std::uint64_t sets) { return std::make_unique<BareGemm>(n, sets); });
}
template <const char* kDtype>
void gemm_narrow(benchmark::State& state) {
  try {
    gemm_pairs(state, kDtype,
               [](std::uint64_t n, std::uint64_t sets) { return std::make_unique<BareNarrowGemm>(kDtype, n, sets); });
  } catch (const std::runtime_error& error) {
    state.SkipWithError(error.what());  // no oneDNN, or no such instructions
  }
}
constexpr char kInt8[] = "int8", kBf16[] = "bf16";
void gemm_int8(benchmark::State& state) { gemm_narrow<kInt8>(state); }
void gemm_bf16(benchmark::State& state) { gemm_narrow<kBf16>(state); }

void stream_fp64(benchmark::State& state, const std::string& kind) {
  const auto bytes = static_cast<std::uint64_t>(state.range(0)) << 20;
  BareStream bare(kind, bytes);
  bare.block_ns(1);
  const auto repeats = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(kBlockNs / bare.block_ns(1)));
  auto ours = start_worker("memory", {{"kind", kind}, {"dtype", "fp64"}, {"bytes", std::to_string(bytes)}}, 1);
  pairs(state, bare, *ours, repeats, bare.arrays() * static_cast<double>(bytes));
}
void copy_fp64(benchmark::State& state) { stream_fp64(state, "copy"); }
void scale_fp64(benchmark::State& state) { stream_fp64(state, "scale"); }
void add_fp64(benchmark::State& state) { stream_fp64(state, "add"); }
void triad_fp64(benchmark::State& state) { stream_fp64(state, "triad"); }
void read_fp64(benchmark::State& state) { stream_fp64(state, "read"); }
void write_fp64(benchmark::State& state) { stream_fp64(state, "write"); }

void gemm_case(benchmark::internal::Benchmark* b) {
  b->Arg(1024)->Arg(2048)->Arg(4096)->UseManualTime()->Iterations(31)->Unit(benchmark::kMillisecond);
}
void stream_case(benchmark::internal::Benchmark* b) {
  b->ArgName("MiB")->Arg(256)->UseManualTime()->Iterations(31)->Unit(benchmark::kMillisecond);
}
BENCHMARK(gemm_fp32)->Apply(gemm_case);
BENCHMARK(gemm_int8)->Apply(gemm_case);
BENCHMARK(gemm_bf16)->Apply(gemm_case);
BENCHMARK(copy_fp64)->Apply(stream_case);
BENCHMARK(scale_fp64)->Apply(stream_case);
BENCHMARK(add_fp64)->Apply(stream_case);
BENCHMARK(triad_fp64)->Apply(stream_case);
BENCHMARK(read_fp64)->Apply(stream_case);
BENCHMARK(write_fp64)->Apply(stream_case);

}  // namespace
}  // namespace geomsu::bench

int main(int argc, char** argv) {
  geomsu::bench::pin_threads();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
