// One prepared workload of a plug-in in this process: blocks with their times, and the check of what they computed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/inside/backend.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::bench {

inline constexpr std::uint64_t kBlockTimeoutNs = 600'000'000'000;

struct Block {
  double ns = 0;  // the device's span, of the slowest rank; the wall's where the device gives none
  double wall_ns = 0;
  bool device_clock = false;
};

class InsideWorkload {
 public:
  // Opens the devices, makes them a group and prepares. A Fault is the plug-in's answer: unsupported, out of memory, or
  // a failure. `params` must be complete.
  static worker::Try<std::unique_ptr<InsideWorkload>> prepare(Backend& backend,
                                                              const std::vector<std::uint32_t>& devices,
                                                              const ops::Operation& operation,
                                                              const ops::Params& params, std::uint64_t operand_sets);
  ~InsideWorkload();

  const protocol::PrepareResult& info() const { return info_; }
  const ops::BlockState& state() const { return state_; }  // since the last reseed

  std::optional<worker::Fault> reseed(std::uint64_t seed);
  // One submission, waited for. After a timeout the backend is wedged.
  worker::Try<Block> run(std::uint64_t repeats);

  // Asks every rank for elements and a projection at places drawn from `draw_seed`, and compares them with the
  // reference as the host does. Nothing: all is right. Else what is wrong, in words.
  std::optional<std::string> wrong(std::uint64_t draw_seed);

 private:
  InsideWorkload(Backend& backend, const ops::Operation& operation, ops::Params params);
  std::optional<std::string> wrong_on(std::uint32_t rank, std::uint64_t draw_seed);

  Backend& backend_;
  const ops::Operation& operation_;
  ops::Params params_;
  std::vector<worker::Handle<geomsu_device>> devices_;
  std::vector<worker::ClockInfo> clocks_;
  worker::Handle<geomsu_group> group_;
  worker::Handle<geomsu_workload> workload_;
  protocol::PrepareResult info_;
  ops::BlockState state_;
};

// Nanoseconds between two readings of a counter that wraps beyond its valid bits.
double span_ns(std::uint64_t first, std::uint64_t last, const worker::ClockInfo& clock);

// As many operand sets as keep repeats from one another without taking the machine's memory: at most 8, at most 1 GiB.
std::uint64_t wanted_sets(const ops::Operation& operation, const ops::Params& params);

}  // namespace geomsu::bench
