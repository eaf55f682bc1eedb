#include "harness/measure/sustained.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/measure/clock_audit.hpp"

namespace geomsu {
namespace {

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

int doubt(ClockAudit::Verdict verdict) {
  return verdict == ClockAudit::Verdict::kBroken ? 2 : verdict == ClockAudit::Verdict::kUnproved ? 1 : 0;
}

// Telemetry by block: kept as long as every session has it.
void append_throttle(Trial& row, const Trial& part, std::size_t blocks_before) {
  if (row.block_throttle.size() != blocks_before || part.block_throttle.size() != part.wall_ns.size()) {
    row.block_throttle.clear();
  } else {
    append(row.block_throttle, part.block_throttle);
  }
}

// A counter that stood still through a session stands there as what it was.
void append_counters(Trial& row, const Trial& part, std::size_t blocks_before) {
  for (const std::string_view name : kBlockCounters) {
    const auto of_part = part.block_counters.find(std::string(name));
    const auto of_row = row.block_counters.find(std::string(name));
    if (of_part == part.block_counters.end() && of_row == row.block_counters.end()) continue;
    std::vector<std::int64_t>& values = row.block_counters[std::string(name)];
    if (of_part == part.block_counters.end()) {
      values.insert(values.end(), part.wall_ns.size(), values.empty() ? 0 : values.back());
    } else {
      if (values.empty()) values.assign(blocks_before, of_part->second.front());
      append(values, of_part->second);
    }
  }
}

}  // namespace

// Of sessions that all have a figure by the same source; else the words of the first that has none.
static std::optional<Energy> sum_of(const std::optional<Energy>& all, const std::optional<Energy>& part,
                                    const std::string& in_session) {
  if (!all && !part) return std::nullopt;
  if (!all || (all->joules && !part))
    return Energy{std::nullopt, 0, 0, "", 0, in_session + "the device tells energy in some sessions only"};
  if (!all->joules) return all;
  if (!part->joules) return Energy{std::nullopt, 0, 0, "", 0, in_session + part->why};
  if (all->source != part->source)
    return Energy{std::nullopt, 0, 0, "", 0, in_session + "another source of energy than before"};
  return Energy{*all->joules + *part->joules,   all->least + part->least,
                all->most + part->most,         all->source,
                all->readings + part->readings, all->why};
}

void SustainedRow::add_blocks(const Trial& part) {
  const std::size_t before = row_.wall_ns.size();
  std::int64_t offset = end_ns_;
  if (!scripted_ && row_.start_at_mono_ns && part.start_at_mono_ns)
    offset = *part.start_at_mono_ns - *row_.start_at_mono_ns;
  for (const std::int64_t at : part.block_at_ns) row_.block_at_ns.push_back(offset + at);
  row_.block_session.insert(row_.block_session.end(), part.wall_ns.size(), sessions_);
  append_throttle(row_, part, before);
  append_counters(row_, part, before);
  append(row_.wall_ns, part.wall_ns);
  append(row_.device_ns, part.device_ns);
  row_.rank_ns.resize(std::max(row_.rank_ns.size(), part.rank_ns.size()));
  for (std::size_t rank = 0; rank < part.rank_ns.size(); ++rank) append(row_.rank_ns[rank], part.rank_ns[rank]);
  append(row_.block_ns, part.block_ns);
  append(row_.digests, part.digests);
  if (!part.block_at_ns.empty() && !part.wall_ns.empty())
    end_ns_ = std::max(end_ns_, offset + part.block_at_ns.back() + part.wall_ns.back());
}

void SustainedRow::judge_by_wall() {
  row_.judged_by_device = false;
  const std::int64_t off = taken_off_ns(row_.empty_submit_ns, row_.wall_ns);
  row_.block_ns.clear();
  for (const std::int64_t ns : row_.wall_ns) row_.block_ns.push_back(ns - off);
}

void SustainedRow::add(const Trial& part, const TrialTicks& ticks) {
  if (sessions_ > 0 && !whole()) return;
  const bool first = sessions_++ == 0;
  const std::string in_session = fmt::format("session {}: ", sessions_);
  if (first) {
    row_ = part;
    for (auto* times :
         {&row_.block_ns, &row_.device_ns, &row_.wall_ns, &row_.block_at_ns, &row_.block_session, &row_.block_throttle})
      times->clear();
    row_.rank_ns.clear();
    row_.block_counters.clear();
    row_.digests.clear();
    row_.checks.clear();
    row_.findings.clear();
  }
  add_blocks(part);
  append(ticks_.first, ticks.first);
  append(ticks_.last, ticks.last);
  append(ticks_.repeat_ends, ticks.repeat_ends);
  for (Check check : part.checks) {
    check.detail = in_session + check.detail;
    row_.checks.push_back(std::move(check));
  }
  for (const Finding& finding : part.findings) row_.findings.push_back({finding.code, in_session + finding.text});
  if (!part.reason.empty() && (row_.reason.empty() || first)) {
    row_.reason_code = part.reason_code;
    row_.reason = in_session + part.reason;
  }
  row_.status = part.status;
  row_.ended_utc_ns = part.ended_utc_ns;
  row_.after = part.after;
  if (first) return;
  row_.energy = sum_of(row_.energy, part.energy, in_session);
  const bool by_device = row_.judged_by_device && part.judged_by_device;
  const bool same = row_.judged_by_device == part.judged_by_device;
  if (doubt(part.clock.verdict) > doubt(row_.clock.verdict)) row_.clock = part.clock;
  row_.empty_submit_ns = std::min(row_.empty_submit_ns, part.empty_submit_ns);
  if (!by_device && !row_.wall_ns.empty()) judge_by_wall();
  if (!same && !by_device) {
    row_.findings.push_back({"wall_time_judged", in_session +
                                                     "not all sessions prove the device's clock: the host's wall "
                                                     "time is judged in all of them"});
  }
  row_.operand_sets = std::min(row_.operand_sets, part.operand_sets);
  row_.deterministic = row_.deterministic && part.deterministic;
  row_.memory_bytes = std::max(row_.memory_bytes, part.memory_bytes);
  if (part.algorithm != row_.algorithm) {
    row_.findings.push_back({"algorithm_changed", fmt::format("{}the algorithm is {}, and was {}", in_session,
                                                              part.algorithm, row_.algorithm)});
  }
  if (part.late_ns && row_.late_ns && std::abs(*part.late_ns) > std::abs(*row_.late_ns)) row_.late_ns = part.late_ns;
  if (part.watch && row_.watch && part.watch->host_cpu)
    row_.watch->host_cpu = std::max(row_.watch->host_cpu.value_or(0), *part.watch->host_cpu);
  row_.warmup_ns += part.warmup_ns;
  row_.reseed_ns += part.reseed_ns;
  row_.verify_ns += part.verify_ns;
  row_.total_ns += part.total_ns;
}

}  // namespace geomsu
