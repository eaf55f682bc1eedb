// A prepared workload of one GPU: its buffers, and how they are filled, run and looked at. Every do_* runs on the
// device's submission thread (plugin_executor.hpp) with the device current; only do_queue and do_join are inside timed
// blocks: they queue and return, allocate nothing and wait for nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include "harness/abi/plugin_repeats.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::cuda {

class Device;

// What a workload may take.
struct Grant {
  Device& device;
  std::uint64_t memory_bytes = 0;                 // free on the device
  std::uint64_t operand_sets = 1;                 // the host wants so many
  std::uint64_t gemm_workspace_bytes = 32 << 20;  // what NVIDIA advises from Hopper on; older GPUs need less
};

class Workload {
 public:
  explicit Workload(Device& device) : device_(device) {}
  virtual ~Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // The first one also runs a repeat of each kind beforehand: CUDA loads a kernel when it is first launched, and a load
  // waits for what runs, so that one inside a held block would never come to its end.
  void reseed(std::uint64_t seed);
  std::uint64_t book(std::uint64_t count) { return repeats_.book(count); }
  void read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out);
  std::vector<double> project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed);
  std::uint64_t digest(std::uint32_t tensor, std::uint64_t repeat);

  // On the submission thread: queues repeat `repeat`, counted since the last reseed.
  void queue(std::uint64_t repeat, cudaStream_t stream) { do_queue(repeat, stream); }
  // Joins what repeats put on other streams, so that an event recorded on `stream` then is after all of it.
  void join(cudaStream_t stream) { do_join(stream); }

  // Of Device::scratch(), that verification wants at most.
  std::uint64_t scratch_bytes() const { return scratch_bytes_; }
  std::uint64_t memory_bytes() const { return memory_bytes_; }
  std::uint64_t operand_sets() const { return operand_sets_; }
  const std::string& algorithm() const { return algorithm_; }
  std::uint32_t refill() const { return refill_; }
  bool deterministic() const { return deterministic_; }
  // do_queue may wait for the stream, which then must not be held: copies of pageable memory.
  bool may_wait() const { return may_wait_; }
  Device& device() const { return device_; }

 protected:
  virtual std::uint64_t do_elements(std::uint32_t tensor) const = 0;    // 0 where there is no such tensor
  virtual void do_reseed(std::uint64_t seed, cudaStream_t stream) = 0;  // queues; the caller waits
  virtual void do_queue(std::uint64_t repeat, cudaStream_t stream) = 0;
  virtual void do_join(cudaStream_t) {}
  // How many repeats meet every kernel that a block may launch: the first use of a set and its second.
  virtual std::uint64_t do_warm_up() const { return operand_sets_ + 1; }
  // These may wait. Indices are logical.
  virtual void do_read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices,
                       double* out) = 0;
  virtual std::vector<double> do_project(std::uint64_t repeat, std::uint64_t seed) = 0;  // of the output
  virtual std::uint64_t do_digest(std::uint32_t tensor, std::uint64_t repeat) = 0;

  std::uint64_t repeats() const { return repeats_.count(); }  // since the last reseed, booked
  std::uint64_t memory_bytes_ = 0, operand_sets_ = 1, scratch_bytes_ = 1 << 20;
  std::string algorithm_;
  std::uint32_t refill_ = 0;
  bool deterministic_ = true, may_wait_ = false;

 private:
  Device& device_;
  plugin::Repeats repeats_;
  bool warm_ = false;
};

// How many sets of so many bytes fit into what is granted: as many as are wanted, up to 60 % of it, one at least;
// Failure OUT_OF_MEMORY with the plan in words where one set does not fit 90 %. `fixed_bytes` are taken beside the sets
// (workspace, scratch).
std::uint64_t sets_that_fit(std::uint64_t bytes_per_set, std::uint64_t fixed_bytes, const Grant& grant);

// Each on the submission thread; Failure UNSUPPORTED with the reason is the answer no. `algorithm`: heuristic or tuned;
// `tuned_dir`: where tuned choices are kept (empty: nowhere).
std::unique_ptr<Workload> make_gemm(const ops::Params& complete, const std::string& algorithm,
                                    const std::string& tuned_dir, const Grant& grant);
std::unique_ptr<Workload> make_memory(const ops::Params& complete, const Grant& grant);
std::unique_ptr<Workload> make_transfer(const ops::Params& complete, const Grant& grant);

}  // namespace geomsu::cuda
