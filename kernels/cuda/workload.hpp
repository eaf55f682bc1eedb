// A prepared workload of one GPU: its buffers, and how they are filled, run and looked at. Every do_* runs on the
// device's submission thread (plugin_executor.hpp) with the device current; only do_queue is inside timed blocks: it
// queues and returns, allocates nothing and waits for nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include "kernels/ops/operation.hpp"

namespace geomsu::cuda {

class Device;

// What a workload may take.
struct Grant {
  Device& device;
  std::uint64_t memory_bytes = 0;  // free on the device
  std::uint64_t operand_sets = 1;  // the host wants so many
};

class Workload {
 public:
  explicit Workload(Device& device) : device_(device) {}
  virtual ~Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void reseed(std::uint64_t seed);
  std::uint64_t book(std::uint64_t count);  // numbers the repeats of a submission; Failure before the first reseed
  void read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out);
  std::vector<double> project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed);
  std::uint64_t digest(std::uint32_t tensor, std::uint64_t repeat);

  // On the submission thread: queues repeat `repeat`, counted since the last reseed.
  void queue(std::uint64_t repeat, cudaStream_t stream) { do_queue(repeat, stream); }
  // Joins what a repeat put on other streams, so that an event recorded on `stream` then is after all of it.
  void join(cudaStream_t stream) { do_join(stream); }

  std::uint64_t memory_bytes() const { return memory_bytes_; }
  std::uint64_t operand_sets() const { return operand_sets_; }
  const std::string& algorithm() const { return algorithm_; }
  std::uint32_t refill() const { return refill_; }
  bool deterministic() const { return deterministic_; }
  Device& device() const { return device_; }

 protected:
  virtual std::uint64_t do_elements(std::uint32_t tensor) const = 0;    // 0 where there is no such tensor
  virtual void do_reseed(std::uint64_t seed, cudaStream_t stream) = 0;  // queues; the caller waits
  virtual void do_queue(std::uint64_t repeat, cudaStream_t stream) = 0;
  virtual void do_join(cudaStream_t) {}
  // These may wait. indices are logical.
  virtual void do_read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices,
                       double* out) = 0;
  virtual std::vector<double> do_project(std::uint64_t repeat, std::uint64_t seed) = 0;  // of the output
  virtual std::uint64_t do_digest(std::uint32_t tensor, std::uint64_t repeat) = 0;

  std::uint64_t repeats_ = 0;  // since the last reseed
  std::uint64_t memory_bytes_ = 0, operand_sets_ = 1;
  std::string algorithm_;
  std::uint32_t refill_ = 0;
  bool deterministic_ = true;

 private:
  void check(std::uint32_t tensor, std::uint64_t repeat) const;

  Device& device_;
  bool seeded_ = false;
};

// How many sets of so many bytes fit into what is granted: up to 60 % of it, one at least; Failure OUT_OF_MEMORY with
// the plan in words where one set does not fit 90 %. `fixed_bytes` are taken beside the sets (workspace, scratch).
std::uint64_t sets_that_fit(std::uint64_t bytes_per_set, std::uint64_t fixed_bytes, const Grant& grant);

// Each on the submission thread; Failure UNSUPPORTED with the reason is the answer no.
std::unique_ptr<Workload> make_gemm(const ops::Params& complete, const std::string& algorithm, const Grant& grant);
std::unique_ptr<Workload> make_memory(const ops::Params& complete, const Grant& grant);
std::unique_ptr<Workload> make_transfer(const ops::Params& complete, const Grant& grant);

}  // namespace geomsu::cuda
