#include "harness/measure/energy.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace geomsu {
namespace {

// Shorter stretches say too little of power: a counter's step over a millisecond is no kilowatt.
constexpr std::int64_t kPowerBaseNs = 50'000'000;

struct Sample {
  std::int64_t at_ns = 0;
  double value = 0;
};

std::vector<Sample> samples(std::span<const EnergyReading> readings, std::optional<double> EnergyReading::*what) {
  std::vector<Sample> found;
  for (const EnergyReading& reading : readings) {
    const auto& value = reading.*what;
    if (!value || !std::isfinite(*value) || *value < 0) continue;
    if (found.empty() || reading.at_ns > found.back().at_ns) found.push_back({reading.at_ns, *value});
  }
  return found;
}

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

// Calls piece(from, to) with each part of [from_ns, to_ns] that lies in a block. `next`: the first block that can still
// matter, since both run forward.
template <class Piece>
std::int64_t inside(std::span<const Stretch> blocks, std::size_t& next, std::int64_t from_ns, std::int64_t to_ns,
                    Piece piece) {
  while (next < blocks.size() && blocks[next].to_ns <= from_ns) ++next;
  std::int64_t sum = 0;
  for (std::size_t i = next; i < blocks.size() && blocks[i].from_ns < to_ns; ++i) {
    const std::int64_t from = std::max(from_ns, blocks[i].from_ns), to = std::min(to_ns, blocks[i].to_ns);
    if (to <= from) continue;
    sum += to - from;
    piece(from, to);
  }
  return sum;
}

Energy refused(std::string why) {
  Energy energy;
  energy.why = std::move(why);
  return energy;
}

std::optional<std::string> uncovered(const std::vector<Sample>& samples, std::span<const Stretch> blocks,
                                     std::string_view what) {
  if (samples.size() < kFewestReadings)
    return fmt::format("{} readings of {}; {} at least are wanted", samples.size(), what, kFewestReadings);
  if (samples.front().at_ns > blocks.front().from_ns)
    return fmt::format("the first reading of {} came {:.3f} s after the first block began", what,
                       seconds(samples.front().at_ns - blocks.front().from_ns));
  if (samples.back().at_ns < blocks.back().to_ns)
    return fmt::format("the last reading of {} came {:.3f} s before the last block ended", what,
                       seconds(blocks.back().to_ns - samples.back().at_ns));
  return std::nullopt;
}

Energy bounded(std::string source, double joules, double least, double most, std::uint64_t readings) {
  if (!(joules > 0) || !std::isfinite(joules) || !(most - least <= kEnergyWidest * joules))
    return refused(
        fmt::format("the readings of {} allow {:.3g} to {:.3g} J: they lie too far from the blocks' "
                    "beginnings and ends",
                    source, least, most));
  Energy energy;
  energy.joules = joules;
  energy.least = least;
  energy.most = most;
  energy.source = std::move(source);
  energy.readings = readings;
  return energy;
}

Energy by_counter(const std::vector<Sample>& counter, std::span<const Stretch> blocks, std::string* fault) {
  if (auto why = uncovered(counter, blocks, "the energy counter")) return refused(std::move(*why));
  double total = 0, share = 0, highest = 0;
  std::int64_t in_blocks = 0, beside = 0;
  std::uint64_t used = 0;
  std::size_t next = 0, last_used = 0;
  for (std::size_t i = 1; i < counter.size(); ++i) {
    const Sample &then = counter[i - 1], &now = counter[i];
    const std::int64_t length = now.at_ns - then.at_ns;
    const double grown = now.value - then.value;
    const std::int64_t within =
        inside(blocks, next, then.at_ns, now.at_ns, [](std::int64_t, std::int64_t) { /* the sum is all */ });
    if (length >= kPowerBaseNs) highest = std::max(highest, grown / seconds(length));
    if (within == 0) continue;
    if (grown < 0) {
      *fault = fmt::format("the energy counter fell from {:.3f} to {:.3f} J while blocks ran: it wrapped or began anew",
                           then.value, now.value);
      return refused(*fault);
    }
    total += grown;
    share += grown * static_cast<double>(within) / static_cast<double>(length);
    in_blocks += within;
    beside += length - within;
    used += last_used == i - 1 && used > 0 ? 1 : 2;
    last_used = i;
  }
  if (total <= 0) {
    *fault = "the energy counter stood still while blocks ran";
    return refused(*fault);
  }
  highest = std::max(highest, total / seconds(in_blocks + beside));
  const double least = std::max(0.0, total - highest * seconds(beside));
  return bounded("counter", std::max(share, least), least, total, used);
}

Energy by_power(const std::vector<Sample>& power, std::span<const Stretch> blocks) {
  if (auto why = uncovered(power, blocks, "power")) return refused(std::move(*why));
  double joules = 0, least = 0, most = 0;
  std::int64_t widest = 0;
  std::uint64_t used = 0;
  std::size_t next = 0, last_used = 0;
  for (std::size_t i = 1; i < power.size(); ++i) {
    const Sample &then = power[i - 1], &now = power[i];
    const double slope = (now.value - then.value) / seconds(now.at_ns - then.at_ns);
    const std::int64_t within = inside(blocks, next, then.at_ns, now.at_ns, [&](std::int64_t from, std::int64_t to) {
      const double middle = then.value + slope * (seconds(from - then.at_ns) + seconds(to - from) / 2);
      joules += middle * seconds(to - from);
      least += std::min(then.value, now.value) * seconds(to - from);
      most += std::max(then.value, now.value) * seconds(to - from);
    });
    if (within == 0) continue;
    widest = std::max(widest, now.at_ns - then.at_ns);
    used += last_used == i - 1 && used > 0 ? 1 : 2;
    last_used = i;
  }
  if (used < kFewestReadings) return refused(fmt::format("{} readings of power meet the blocks", used));
  if (widest > kPowerGapNs)
    return refused(fmt::format("readings of power lie up to {:.1f} s apart while blocks ran; at most {:.1f} s",
                               seconds(widest), seconds(kPowerGapNs)));
  return bounded("power", joules, least, most, used);
}

}  // namespace

EnergyAnswer energy_of(std::span<const EnergyReading> readings, std::span<const Stretch> blocks) {
  EnergyAnswer answer;
  const std::vector<Sample> counter = samples(readings, &EnergyReading::energy_j);
  const std::vector<Sample> power = samples(readings, &EnergyReading::power_w);
  if (blocks.empty() || (counter.empty() && power.empty())) return answer;
  Energy energy;
  if (!counter.empty()) energy = by_counter(counter, blocks, &answer.counter_fault);
  if (!energy.joules && !power.empty()) {
    Energy instead = by_power(power, blocks);
    if (instead.joules || counter.empty()) {
      energy = std::move(instead);
    } else {
      energy.why += "; " + instead.why;
    }
  }
  answer.energy = std::move(energy);
  return answer;
}

void EnergyMeter::add(const std::vector<Telemetry>& readings, bool timing) {
  if (readings.empty()) return;
  const bool covered =
      !timing && !blocks_.empty() && !readings_.empty() && readings_.back().at_ns >= blocks_.back().to_ns;
  if (covered) return;
  if (!timing && blocks_.empty()) readings_.clear();
  EnergyReading sum{readings.front().mono_ns, 0.0, 0.0};
  for (const Telemetry& reading : readings) {
    sum.energy_j = sum.energy_j && reading.energy_j ? std::optional(*sum.energy_j + *reading.energy_j) : std::nullopt;
    sum.power_w = sum.power_w && reading.power_w ? std::optional(*sum.power_w + *reading.power_w) : std::nullopt;
  }
  readings_.push_back(sum);
}

void EnergyMeter::block(std::int64_t from_mono_ns, std::int64_t wall_ns) {
  blocks_.push_back({from_mono_ns, from_mono_ns + wall_ns});
}

void EnergyMeter::conclude(Trial& trial) const {
  EnergyAnswer answer = energy_of(readings_, blocks_);
  trial.energy = std::move(answer.energy);
  if (answer.counter_fault.empty()) return;
  const bool by_power = trial.energy && trial.energy->joules;
  trial.findings.push_back(
      {"energy_counter", answer.counter_fault + (by_power ? "; the energy is taken from power samples" : "")});
}

}  // namespace geomsu
