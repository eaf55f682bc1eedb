// geomsu-bench-cublaslt: what a GPU does without geomsu, for the ratio. One line of JSON; with --serve a line a block.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/cuda/bare_work.hpp"
#include "bench/cuda/toolkit.hpp"
#include "harness/stats/order.hpp"

namespace geomsu::bench {
namespace {

struct Options {
  GemmOptions gemm;
  std::uint64_t triad_bytes = 0;  // 0: the product
  int device = 0;
  int blocks = 30;
  double block_ms = 500;
  bool serve = false;
};

class Bench {
 public:
  explicit Bench(const Options& o) : options_(o) {
    must(cudaSetDevice(o.device), "cudaSetDevice");
    stream_ = stream();
    begin_ = event();
    end_ = event();
    work_ =
        o.triad_bytes > 0 ? make_bare_triad(o.triad_bytes, stream_.get()) : make_bare_product(o.gemm, stream_.get());
    cudaDeviceProp properties{};
    must(cudaGetDeviceProperties(&properties, o.device), "cudaGetDeviceProperties");
    device_ = static_cast<const char*>(properties.name);
    emulated_ = device_.starts_with("EMULATED");
    calibrate();
  }

  // ns a repeat of one block.
  double block() {
    must(cudaEventRecord(begin_.get(), stream_.get()), "cudaEventRecord");
    for (std::uint64_t i = 0; i < repeats_; ++i) work_->queue(next_++, stream_.get());
    must(cudaEventRecord(end_.get(), stream_.get()), "cudaEventRecord");
    must(cudaEventSynchronize(end_.get()), "cudaEventSynchronize");
    float ms = 0;
    must(cudaEventElapsedTime(&ms, begin_.get(), end_.get()), "cudaEventElapsedTime");
    return static_cast<double>(ms) * 1e6 / static_cast<double>(repeats_);
  }

  std::string head() const {
    return fmt::format(R"("work": "{}", "device": "{}", "emulated": {}, "repeats": {}, "per_repeat": {})",
                       work_->words(), device_, emulated_, repeats_, work_->per_repeat());
  }
  double per_second(double ns) const { return static_cast<double>(work_->per_repeat()) * 1e9 / ns; }

 private:
  // So many repeats that a block lasts as long as is wanted at least; the first ones load the kernels.
  void calibrate() {
    constexpr std::uint64_t kWarm = 3;
    repeats_ = kWarm;
    block();
    const double one_ns = std::max(block(), 1.0);
    repeats_ = static_cast<std::uint64_t>(std::ceil(options_.block_ms * 1e6 / one_ns)) + 1;
    while (block() * static_cast<double>(repeats_) < options_.block_ms * 1e6) repeats_ += repeats_ / 8 + 1;
  }

  Options options_;
  Stream stream_;
  Event begin_, end_;
  std::unique_ptr<BareWork> work_;
  std::string device_;
  bool emulated_ = false;  // the tests' libraries in the place of CUDA's: no figure of it means anything
  std::uint64_t repeats_ = 1, next_ = 0;
};

// Median of the blocks with its two-sided distribution-free interval.
void measure(Bench& bench, int blocks) {
  constexpr double kOneSided = 0.975;
  std::vector<double> ns;
  for (int i = 0; i < blocks; ++i) ns.push_back(bench.block());
  std::sort(ns.begin(), ns.end());
  const std::size_t n = ns.size();
  const double median = (ns[(n - 1) / 2] + ns[n / 2]) / 2;
  const auto ranks = stats::bound_ranks(stats::Statistic::kMedian, n, kOneSided);
  fmt::print(R"({{{}, "blocks": {}, "median_ns": {:.1f}, "lower_ns": {}, "upper_ns": {}, "confidence": 0.95, )",
             bench.head(), n, median, ranks ? fmt::format("{:.1f}", ns[ranks->lower - 1]) : "null",
             ranks ? fmt::format("{:.1f}", ns[ranks->upper - 1]) : "null");
  fmt::print("\"per_second\": {:.6g}}}\n", bench.per_second(median));
}

void serve(Bench& bench) {
  fmt::print("{{{}}}\n", bench.head());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    fmt::print("{:.1f}\n", bench.block());
    std::fflush(stdout);
  }
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("A bare cublasLt loop, or a bare triad, on one GPU: blocks timed by events, one line of JSON");
  app.add_option("--dtype", options.gemm.dtype, "fp64, fp32, tf32, bf16, fp16, fp8_e4m3, int8 (bf16)");
  app.add_option("--m", options.gemm.m, "rows of C (8192)")->check(CLI::PositiveNumber);
  app.add_option("--n", options.gemm.n, "columns of C (8192)")->check(CLI::PositiveNumber);
  app.add_option("--k", options.gemm.k, "what is summed over (8192)")->check(CLI::PositiveNumber);
  app.add_option("--sets", options.gemm.sets, "operand sets in rotation (beyond the L2 cache)");
  app.add_option("--triad", options.triad_bytes, "bytes of an array: a triad in place of a product");
  app.add_option("--device", options.device, "ordinal, as CUDA counts (0)");
  app.add_option("--blocks", options.blocks, "timed (30); 6 at least for an interval")->check(CLI::PositiveNumber);
  app.add_option("--block-ms", options.block_ms, "length of a block, at least (500)")->check(CLI::PositiveNumber);
  app.add_flag("--serve", options.serve, "a block, and a line with its ns a repeat, for each line of standard input");
  CLI11_PARSE(app, argc, argv);
  Bench bench(options);
  options.serve ? serve(bench) : measure(bench, options.blocks);
  return 0;
}

}  // namespace
}  // namespace geomsu::bench

int main(int argc, char** argv) {
  try {
    return geomsu::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "geomsu-bench-cublaslt: %s\n", error.what());
    return 69;
  }
}
