#include "harness/measure/telemetry_watch.hpp"

#include <fmt/format.h>

namespace geomsu {
namespace {

constexpr std::uint64_t kNotesForARate = 3, kNotesDue = 10;

}  // namespace

std::optional<std::string> telemetry_missing(const std::optional<Telemetry>& before,
                                             const std::optional<Telemetry>& after) {
  if (!before) return std::nullopt;
  const Telemetry then = *before, now = after.value_or(Telemetry{});
  std::string names;
  const auto compare = [&](const char* name, const auto& had, const auto& has) {
    if (had && !has) names += (names.empty() ? "" : ", ") + std::string(name);
  };
  compare("power", then.power_w, now.power_w);
  compare("energy", then.energy_j, now.energy_j);
  compare("temperature", then.temperature_c, now.temperature_c);
  compare("memory temperature", then.memory_temperature_c, now.memory_temperature_c);
  compare("clock", then.clock_mhz, now.clock_mhz);
  compare("memory clock", then.memory_clock_mhz, now.memory_clock_mhz);
  compare("memory used", then.memory_used_bytes, now.memory_used_bytes);
  compare("foreign load", then.foreign_load, now.foreign_load);
  compare("throttle bits", then.throttle, now.throttle);
  compare("throttle events", then.throttle_events, now.throttle_events);
  compare("corrected ECC errors", then.ecc_corrected, now.ecc_corrected);
  compare("uncorrected ECC errors", then.ecc_uncorrected, now.ecc_uncorrected);
  compare("link replays", then.link_replays, now.link_replays);
  compare("fault events", then.fault_events, now.fault_events);
  if (names.empty()) return std::nullopt;
  return names + " could be read before the trial and not after it";
}

std::optional<std::string> telemetry_silent(const NoteRate& before, const NoteRate& during) {
  if (before.count < kNotesForARate || before.over_ns <= 0 || during.count > 0) return std::nullopt;
  const double due =
      static_cast<double>(before.count) / static_cast<double>(before.over_ns) * static_cast<double>(during.over_ns);
  if (due < static_cast<double>(kNotesDue)) return std::nullopt;
  return fmt::format("{} readings came in {:.1f} s before the blocks, none in the {:.1f} s of the blocks", before.count,
                     static_cast<double>(before.over_ns) * 1e-9, static_cast<double>(during.over_ns) * 1e-9);
}

}  // namespace geomsu
