// A prepared collective of this process: the buffers of all its sets, and how they are filled, run and looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/mpi/exchange.hpp"
#include "kernels/mpi/executor.hpp"
#include "kernels/ops/collective.hpp"

namespace geomsu::mpi {

// Ticks of one submission: raw_now_ns().
struct Span {
  std::uint64_t first = 0, last = 0;
  std::vector<std::uint64_t> ends;  // as many repeats as are kept; taken before the clock runs
};

// Members are called from the submission thread but for run(), which is the executor's.
class Workload {
 public:
  Workload(Executor& executor, MPI_Comm comm, std::uint32_t rank, const ops::CollectiveShape& shape,
           std::uint64_t sets);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void reseed(std::uint64_t seed);
  std::uint64_t book(std::uint64_t count);  // numbers the repeats of a submission; Failure before the first reseed
  void run(std::uint64_t first, std::uint64_t count, Span& span);

  void read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out);
  std::vector<double> project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed);
  std::uint64_t digest(std::uint32_t tensor, std::uint64_t repeat);

  Executor& executor() const { return executor_; }
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

  Executor& executor_;
  std::uint32_t rank_;
  ops::CollectiveShape shape_;
  std::uint64_t sets_, set_bytes_ = 0, received_at_ = 0;  // a set's room, and where its output lies in it
  std::unique_ptr<Exchange> exchange_;
  std::byte* memory_ = nullptr;
  std::uint64_t repeats_ = 0;  // since the last reseed
  bool seeded_ = false;
  std::string algorithm_;
};

}  // namespace geomsu::mpi
