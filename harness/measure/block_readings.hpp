// What the device's telemetry says block by block: throttle bits while it ran or right after, and counters that grew.
// Pure. Throttled blocks are kept and judged; this is for saying since when.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/model/device.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

class BlockReadings {
 public:
  void begin();                                       // a block is about to be sent
  void notice(const Telemetry& reading);              // came unasked; counts where a block runs
  void end(const std::optional<Telemetry>& reading);  // asked for after the block
  // Fills in the trial's block_throttle and block_counters: only what the device told at every block, and only counters
  // that grew from `before` on.
  void write(Trial& trial) const;

 private:
  struct Block {
    std::optional<std::uint64_t> throttle;
    std::array<std::optional<std::uint64_t>, kBlockCounters.size()> counters;
  };
  std::vector<Block> blocks_;
  Block open_;
  bool running_ = false;
};

}  // namespace geomsu
