// A prepared collective of this process: the buffers of all its sets, and how they are filled, run and looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/abi/plugin_executor.hpp"
#include "harness/abi/plugin_repeats.hpp"
#include "harness/abi/plugin_span.hpp"
#include "kernels/mpi/exchange.hpp"
#include "kernels/ops/collective.hpp"

namespace geomsu::mpi {

// Members are called from the submission thread but for run(), which is the executor's.
class Workload {
 public:
  Workload(plugin::Executor& executor, MPI_Comm comm, std::uint32_t rank, const ops::CollectiveShape& shape,
           std::uint64_t sets);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void reseed(std::uint64_t seed);
  std::uint64_t book(std::uint64_t count) { return repeats_.book(count); }
  void run(std::uint64_t first, std::uint64_t count, plugin::Span& span);  // raw_now_ns()

  void read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out);
  std::vector<double> project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed);
  std::uint64_t digest(std::uint32_t tensor, std::uint64_t repeat);

  plugin::Executor& executor() const { return executor_; }
  std::uint32_t rank() const { return rank_; }
  std::uint64_t memory_bytes() const;
  std::uint64_t operand_sets() const { return sets_; }
  const std::string& algorithm() const { return algorithm_; }

 private:
  std::byte* sent_of(std::uint64_t set) const;
  std::byte* received_of(std::uint64_t set) const;
  // The tensor's bytes; Failure where there is none, or its repeat was not run.
  std::span<const std::byte> bytes_of(std::uint32_t tensor, std::uint64_t repeat) const;
  void fill(std::uint64_t seed, std::uint64_t set);

  plugin::Executor& executor_;
  std::uint32_t rank_;
  ops::CollectiveShape shape_;
  std::uint64_t sets_, set_bytes_ = 0, received_at_ = 0;  // a set's room, and where its output lies in it
  std::unique_ptr<Exchange> exchange_;
  std::byte* memory_ = nullptr;
  plugin::Repeats repeats_;
  std::string algorithm_;
};

}  // namespace geomsu::mpi
