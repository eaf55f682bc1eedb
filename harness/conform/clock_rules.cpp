// The device's clock against the host's, and spans against the time that the host waited.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"
#include "harness/conform/work.hpp"

namespace geomsu::conform {
namespace {

constexpr double kShare = 0.01, kSlackNs = 2e6;  // as measure's audit allows

bool without_clock(Stand& stand) { return stand.greeted()->ok(protocol::OpenRequest{{0}}).clock_domain == "none"; }

Outcome rate(Stand& stand) {
  if (without_clock(stand)) return not_applicable("the device declares no clock");
  const ClockReadings readings = read_clock(stand);
  const ClockAudit audit = audit_clock(readings.clock, readings.pairs);
  if (audit.verdict != ClockAudit::Verdict::kProved) {
    throw Unmet{fmt::format("a clock that goes forward within its {} bits, at most {:.0f} ppm off the host's",
                            readings.clock.valid_bits, kMaxRatePpm),
                audit.reason};
  }
  return pass(fmt::format("{:+.1f} ppm over {:.1f} s", audit.rate_ppm.value_or(0),
                          static_cast<double>(audit.baseline_ns.value_or(0)) * 1e-9));
}

Outcome spans(Stand& stand) {
  if (without_clock(stand)) return not_applicable("the device declares no clock");
  const TimedBlocks blocks = time_blocks(stand);
  std::string why;
  const auto device = device_spans(blocks.clock, blocks.spans, blocks.walls, &why);
  if (!device) throw Unmet{"spans that go forward, one after the other, none longer than the host waited", why};
  // The host may have been held up in some blocks, but hardly in each of them: the narrowest gap counts.
  double narrowest = INFINITY;
  std::size_t best = 0;
  for (std::size_t i = 0; i < device->size(); ++i) {
    const double gap = static_cast<double>(blocks.walls[i].wall_ns - (*device)[i]);
    if (gap < narrowest) best = i;
    narrowest = std::min(narrowest, gap);
  }
  const double wall = static_cast<double>(blocks.walls[best].wall_ns);
  if (narrowest > kShare * wall + kSlackNs) {
    throw Unmet{"device time within 1 % + 2 ms of the host's wall time, at least in the best of 7 blocks",
                fmt::format("device time below wall time: {:.3f} ms of {:.3f} ms",
                            static_cast<double>((*device)[best]) * 1e-6, wall * 1e-6)};
  }
  return pass(fmt::format("{:.3f} ms by the device, {:.3f} ms by the host", static_cast<double>((*device)[best]) * 1e-6,
                          wall * 1e-6));
}

Outcome repeat_ends(Stand& stand) {
  const auto wire = stand.greeted();
  const auto opened = wire->ok(protocol::OpenRequest{{0}});
  if (opened.clock_domain == "none") return not_applicable("the device declares no clock");
  const Prepared prepared = stand.ready(*wire);
  const auto result =
      wire->ok(protocol::MeasureRequest{prepared.id, 8, std::nullopt, wire->patience(), 8}, wire->extra());
  const DeviceClock clock{opened.clock_domain, opened.ticks_per_second, opened.valid_bits};
  std::size_t ends = 0;
  for (const protocol::Span& span : result.spans) {
    std::uint64_t before = span.first;
    for (const std::uint64_t end : span.repeat_ends) {
      if (elapsed_ns(clock, before, end, 0) < 0 || elapsed_ns(clock, end, span.last, 0) < 0)
        throw Unmet{"ends of repeats in order, between the block's first and last tick",
                    fmt::format("{} after {}, of {} to {}", end, before, span.first, span.last)};
      before = end;
      ++ends;
    }
  }
  return pass(fmt::format("{} ends of 8 repeats, in order", ends));
}

}  // namespace

std::vector<Rule> clock_rules() {
  return {
      {"clock-rate",
       "clock",
       "geomsu_plugin.h, geomsu_clock_info; PROTOCOL.md, clock",
       "a clock that runs slow makes a device look fast",
       {"clock", "load", "keeps-working"},
       rate},
      {"spans",
       "clock",
       "PROTOCOL.md, measure",
       "device time below the host's wall time is time that nobody accounts for",
       {"clock-rate", "answers"},
       spans},
      {"repeat-ends",
       "clock",
       "PROTOCOL.md, measure",
       "single repeats show a block that slows down as it runs",
       {"clock-rate", "repeat-ticks"},
       repeat_ends},
  };
}

}  // namespace geomsu::conform
