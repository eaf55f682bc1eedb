#include "harness/measure/block_readings.hpp"

#include <algorithm>
#include <limits>

namespace geomsu {
namespace {

using Counter = std::optional<std::uint64_t> Telemetry::*;
// In the order of kBlockCounters.
constexpr std::array<Counter, kBlockCounters.size()> kMembers{&Telemetry::throttle_events, &Telemetry::ecc_corrected,
                                                              &Telemetry::ecc_uncorrected, &Telemetry::link_replays,
                                                              &Telemetry::fault_events};

// Rows hold signed integers; a counter beyond them is as good as at their end.
std::int64_t kept(std::uint64_t value) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(value, kMost));
}

}  // namespace

void BlockReadings::begin() {
  open_ = {};
  running_ = true;
}

void BlockReadings::notice(const Telemetry& reading) {
  if (running_ && reading.throttle) open_.throttle = open_.throttle.value_or(0) | *reading.throttle;
}

void BlockReadings::end(const std::optional<Telemetry>& reading) {
  if (!running_) return;
  if (reading) {
    notice(*reading);
    for (std::size_t i = 0; i < kMembers.size(); ++i) open_.counters[i] = (*reading).*kMembers[i];
  }
  blocks_.push_back(open_);
  running_ = false;
}

void BlockReadings::write(Trial& trial) const {
  trial.block_throttle.clear();
  trial.block_counters.clear();
  if (blocks_.empty()) return;
  if (std::all_of(blocks_.begin(), blocks_.end(), [](const Block& block) { return block.throttle.has_value(); })) {
    for (const Block& block : blocks_) trial.block_throttle.push_back(kept(*block.throttle));
  }
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    std::vector<std::int64_t> values;
    for (const Block& block : blocks_) {
      if (block.counters[i]) values.push_back(kept(*block.counters[i]));
    }
    if (values.size() != blocks_.size()) continue;
    const auto first = trial.before ? (*trial.before).*kMembers[i] : std::nullopt;
    if (values.back() > (first ? kept(*first) : values.front()))
      trial.block_counters.emplace(kBlockCounters[i], std::move(values));
  }
}

}  // namespace geomsu
