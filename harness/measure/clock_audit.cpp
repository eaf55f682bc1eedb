#include "harness/measure/clock_audit.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace geomsu {
namespace {

constexpr double kGapRatio = 0.01;
constexpr double kGapNs = 2e6;

double mask_ticks(const DeviceClock& clock) { return std::ldexp(1.0, static_cast<int>(clock.valid_bits)); }

bool beyond_bits(const DeviceClock& clock, std::uint64_t ticks) {
  return clock.valid_bits < 64 && (ticks >> clock.valid_bits) != 0;
}

double middle_ns(const protocol::ClockPair& pair) {
  return static_cast<double>(pair.host_before_ns) + static_cast<double>(pair.host_after_ns - pair.host_before_ns) / 2;
}

double gap_allowed_ns(std::int64_t wall_ns) { return kGapRatio * static_cast<double>(wall_ns) + kGapNs; }

}  // namespace

double elapsed_ns(const DeviceClock& clock, std::uint64_t first, std::uint64_t last, double expected_ns) {
  const double per_tick = 1e9 / static_cast<double>(clock.ticks_per_second);
  // 64-bit subtraction first: the difference is exact, where the counts themselves are beyond a double's 53 bits.
  if (clock.valid_bits >= 64) return static_cast<double>(static_cast<std::int64_t>(last - first)) * per_tick;
  const double period = mask_ticks(clock) * per_tick;
  double elapsed = static_cast<double>(static_cast<std::int64_t>(last - first)) * per_tick;
  elapsed += std::round((expected_ns - elapsed) / period) * period;
  return elapsed;
}

ClockAudit audit_clock(const DeviceClock& clock, std::span<const protocol::ClockPair> pairs) {
  ClockAudit audit;
  audit.domain = clock.domain.empty() ? "none" : clock.domain;
  if (audit.domain == "none" || clock.ticks_per_second == 0) {
    audit.reason = "the device has no clock: the host's wall time is judged";
    return audit;
  }
  std::int64_t narrowest = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto& pair = pairs[i];
    const std::int64_t width = pair.host_after_ns - pair.host_before_ns;
    narrowest = i == 0 ? width : std::min(narrowest, width);
    if (beyond_bits(clock, pair.ticks)) {
      audit.verdict = ClockAudit::Verdict::kBroken;
      audit.reason = fmt::format("the clock reads {} ticks, beyond its declared {} bits", pair.ticks, clock.valid_bits);
      return audit;
    }
    if (i > 0) {
      const double host = middle_ns(pair) - middle_ns(pairs[i - 1]);
      const double device = elapsed_ns(clock, pairs[i - 1].ticks, pair.ticks, host);
      if (device < 0 && host >= 0) {
        audit.verdict = ClockAudit::Verdict::kBroken;
        audit.reason =
            fmt::format("the clock stepped back by {:.0f} ns while the host's went {:.0f} ns forward", -device, host);
        return audit;
      }
    }
  }
  if (!pairs.empty()) audit.uncertainty_ns = narrowest;
  if (pairs.size() < 2 || middle_ns(pairs.back()) - middle_ns(pairs.front()) < static_cast<double>(kMinBaselineNs)) {
    audit.reason = "no two readings 5 s apart: the host's wall time is judged";
    return audit;
  }
  double device = 0;
  for (std::size_t i = 1; i < pairs.size(); ++i) {
    device += elapsed_ns(clock, pairs[i - 1].ticks, pairs[i].ticks, middle_ns(pairs[i]) - middle_ns(pairs[i - 1]));
  }
  const double host = middle_ns(pairs.back()) - middle_ns(pairs.front());
  audit.baseline_ns = static_cast<std::int64_t>(host);
  audit.rate_ppm = (device / host - 1) * 1e6;
  if (!(std::abs(*audit.rate_ppm) <= kMaxRatePpm)) {
    audit.verdict = ClockAudit::Verdict::kBroken;
    audit.reason =
        fmt::format("the clock runs {:+.0f} ppm off the host's over {:.1f} s; at most {:.0f} ppm are allowed",
                    *audit.rate_ppm, host * 1e-9, kMaxRatePpm);
    return audit;
  }
  audit.verdict = ClockAudit::Verdict::kProved;
  return audit;
}

std::optional<std::vector<std::int64_t>> device_spans(const DeviceClock& clock, std::span<const protocol::Span> spans,
                                                      std::span<const WallBlock> walls, std::string* why) {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < spans.size() && i < walls.size(); ++i) {
    const auto& span = spans[i];
    const double wall = static_cast<double>(walls[i].wall_ns);
    if (beyond_bits(clock, span.first) || beyond_bits(clock, span.last)) {
      *why = fmt::format("block {}: ticks {} to {} lie beyond the clock's {} bits", i, span.first, span.last,
                         clock.valid_bits);
      return std::nullopt;
    }
    const double ns = elapsed_ns(clock, span.first, span.last, wall);
    const double gap =
        i == 0 ? 0 : static_cast<double>(walls[i].start_raw_ns - walls[i - 1].start_raw_ns - walls[i - 1].wall_ns);
    const double between = i == 0 ? 0 : elapsed_ns(clock, spans[i - 1].last, span.first, gap);
    if (!(ns > 0) || between < 0) {
      *why = fmt::format("block {}: the device's clock went backward", i);
      return std::nullopt;
    }
    if (ns > wall + gap_allowed_ns(walls[i].wall_ns)) {
      *why = fmt::format("block {}: the device claims {:.3f} ms where the host waited {:.3f} ms", i, ns * 1e-6,
                         wall * 1e-6);
      return std::nullopt;
    }
    result.push_back(static_cast<std::int64_t>(std::llround(ns)));
  }
  return result;
}

std::int64_t taken_off_ns(std::int64_t empty_submit_ns, std::span<const std::int64_t> wall_ns) {
  if (wall_ns.empty() || empty_submit_ns < 0) return 0;
  return empty_submit_ns <= *std::min_element(wall_ns.begin(), wall_ns.end()) / 100 ? empty_submit_ns : 0;
}

bool spans_agree(std::span<const std::int64_t> device_ns, std::span<const std::int64_t> wall_ns) {
  for (std::size_t i = 0; i < device_ns.size() && i < wall_ns.size(); ++i) {
    if (static_cast<double>(wall_ns[i] - device_ns[i]) > gap_allowed_ns(wall_ns[i])) return false;
  }
  return !device_ns.empty() && device_ns.size() == wall_ns.size();
}

}  // namespace geomsu
