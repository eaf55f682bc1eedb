// A submission: repeats of a workload queued back to back on the device's stream between two events, the first
// hundreds of them behind a kernel that holds the stream until they are there.
#pragma once

#include <cstdint>

#include "harness/abi/plugin_executor.hpp"
#include "harness/abi/plugin_table.hpp"
#include "kernels/cuda/workload.hpp"

namespace geomsu::cuda {

class Block final : public geomsu_event, public plugin::Job {
 public:
  // `mean_ns`: of a repeat of the block before, 0 where there was none; written again at the end.
  Block(Workload& work, std::uint64_t repeats, std::uint64_t& mean_ns);
  ~Block() override;
  bool wait(std::uint64_t timeout_ns) override;
  const plugin::Span& span(std::uint32_t) const override { return span_; }

 protected:
  void do_run() override;

 private:
  void run();
  void queue_all();

  Workload& work_;
  std::uint64_t repeats_ = 0, first_ = 0;
  std::uint64_t& mean_ns_;
  std::uint64_t kept_ = 0;       // ends of single repeats that are recorded
  std::uint64_t waited_ns_ = 0;  // by scripted time, so far
  plugin::Span span_;
};

}  // namespace geomsu::cuda
