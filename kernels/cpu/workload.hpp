// A prepared workload of the CPU: its buffers and how they are filled, run and looked at. Every do_* runs on the
// executor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/abi/plugin_repeats.hpp"
#include "kernels/cpu/executor.hpp"
#include "kernels/cpu/part.hpp"
#include "kernels/cpu/span.hpp"

namespace geomsu::cpu {

class Workload {
 public:
  explicit Workload(Executor& executor) : executor_(executor) {}
  virtual ~Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void reseed(std::uint64_t seed);
  // On the executor: repeats first..first+count-1, counted since the last reseed.
  void run(std::uint64_t first, std::uint64_t count, Span& span) { do_run(first, count, span); }
  // Numbers the repeats of a submission; Failure before the first reseed.
  std::uint64_t book(std::uint64_t count) { return repeats_.book(count); }

  void read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out);
  std::vector<double> project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed);
  std::uint64_t digest(std::uint32_t tensor, std::uint64_t repeat);

  std::uint64_t memory_bytes() const { return memory_bytes_; }
  std::uint64_t operand_sets() const { return operand_sets_; }
  const std::string& algorithm() const { return algorithm_; }
  std::uint32_t refill() const { return refill_; }
  Executor& executor() const { return executor_; }

 protected:
  // Length of a tensor in elements, 0 where there is no such tensor.
  virtual std::uint64_t do_elements(std::uint32_t tensor) const = 0;
  virtual void do_reseed(std::uint64_t seed) = 0;
  virtual void do_run(std::uint64_t first, std::uint64_t count, Span& span) = 0;
  virtual double do_read(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t index) const = 0;
  virtual std::vector<double> do_project(std::uint64_t repeat, std::uint64_t seed) const = 0;  // of the output
  // The tensor's bytes in logical order; Failure UNSUPPORTED where they are not stored so.
  virtual std::span<const std::byte> do_bytes(std::uint32_t tensor, std::uint64_t repeat) const = 0;
  virtual std::uint64_t do_digest(std::uint32_t tensor, std::uint64_t repeat) const;  // of do_bytes

  std::uint64_t repeats() const { return repeats_.count(); }  // since the last reseed
  std::uint64_t memory_bytes_ = 0, operand_sets_ = 1;
  std::string algorithm_;
  std::uint32_t refill_ = 0;

  // Of a range that begins at a 64-bit word of its tensor, by all threads; on the executor.
  static std::uint64_t digest_of(std::span<const std::byte> bytes, std::uint64_t first_word);

 private:
  Executor& executor_;
  plugin::Repeats repeats_;
};

}  // namespace geomsu::cpu
