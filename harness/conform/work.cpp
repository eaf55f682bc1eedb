#include "harness/conform/work.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "harness/conform/data_check.hpp"

namespace geomsu::conform {
namespace {

constexpr std::int64_t kBlockNs = 100'000'000, kStepNs = 600'000'000, kSoakBlockNs = 500'000'000,
                       kShortBlockNs = 2'000'000;
constexpr int kReadings = 11, kBlocks = 7;
constexpr std::uint64_t kMostRepeats = 1ULL << 50;

DeviceClock clock_of(const protocol::OpenResult& opened) {
  return {opened.clock_domain, opened.ticks_per_second, opened.valid_bits};
}

// Time goes by: slept through, or a load on a scripted clock, which nothing else moves.
void let_pass(Wire& wire, const Prepared& prepared, std::int64_t ns) {
  if (!wire.scripted()) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(ns));
    return;
  }
  wire.ok(protocol::LoadRequest{prepared.id, 1});
  wire.ok(protocol::StopRequest{wire.now_raw() + ns});
}

}  // namespace

std::uint64_t repeats_for(Wire& wire, const Prepared& prepared, std::int64_t wanted_ns) {
  for (std::uint64_t repeats = 1; repeats < kMostRepeats; repeats *= 8) {
    block(wire, prepared, repeats);
    const std::int64_t took = std::max<std::int64_t>(wire.received_raw() - wire.sent_raw(), 1);
    if (took < wanted_ns / 16) continue;
    const double each = static_cast<double>(took) / static_cast<double>(repeats);
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(wanted_ns) / each));
  }
  return kMostRepeats;
}

ClockReadings read_clock(Stand& stand) {
  const auto wire = stand.greeted();
  ClockReadings readings{clock_of(wire->ok(protocol::OpenRequest{{0}})), {}};
  const Prepared prepared = stand.ready(*wire);
  for (int i = 0; i < kReadings; ++i) {
    if (i > 0) let_pass(*wire, prepared, kStepNs);
    readings.pairs.push_back(wire->ok(protocol::ClockRequest{}).pair);
    block(*wire, prepared, 1);
  }
  return readings;
}

TimedBlocks time_blocks(Stand& stand) {
  const auto wire = stand.greeted();
  TimedBlocks blocks{clock_of(wire->ok(protocol::OpenRequest{{0}})), {}, {}};
  const Prepared prepared = stand.ready(*wire);
  const std::uint64_t repeats = repeats_for(*wire, prepared, kBlockNs);
  for (int i = 0; i < kBlocks; ++i) {
    wire->ok(protocol::ReseedRequest{prepared.id, 1});
    const auto result = block(*wire, prepared, repeats);
    if (result.spans.size() != 1)
      throw Unmet{"one span for a device that declares a clock", fmt::format("{}", result.spans.size())};
    blocks.spans.push_back(result.spans.front());
    blocks.walls.push_back({wire->sent_raw(), wire->received_raw() - wire->sent_raw()});
  }
  return blocks;
}

namespace {

void soak_in(Stand& stand, Wire& wire, Work& work) {
  work.before = wire.ok(protocol::DevicesRequest{}).devices.at(0);
  work.opened = wire.ok(protocol::OpenRequest{{0}}).devices.at(0);
  const auto reading = [&wire] { return wire.ok(protocol::TelemetryRequest{}).readings.at(0); };
  work.first = reading();
  const Prepared prepared = stand.ready(wire);
  work.long_enough = wire.scripted() || stand.settings().long_run;
  const std::int64_t begun = wire.now_raw();
  const std::uint64_t repeats = repeats_for(wire, prepared, work.long_enough ? kSoakBlockNs : kShortBlockNs);
  for (int i = 0; i < kSoakBlocks; ++i) {
    wire.ok(protocol::ReseedRequest{prepared.id, 1});
    block(wire, prepared, repeats);
    work.block_ns.push_back(wire.received_raw() - wire.sent_raw());
  }
  work.took_ns = wire.now_raw() - begun;
  work.last = reading();
  work.after = wire.ok(protocol::DevicesRequest{}).devices.at(0);
}

}  // namespace

Work soak(Stand& stand) {
  Work work;
  const auto wire = stand.greeted();
  try {
    soak_in(stand, *wire, work);
  } catch (const Unmet& unmet) {
    work.fault = Unmet{fmt::format("{} blocks, one after the other: {}", kSoakBlocks, unmet.expected),
                       fmt::format("after {} blocks: {}", work.block_ns.size(), unmet.came)};
  }
  return work;
}

}  // namespace geomsu::conform
