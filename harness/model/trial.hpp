// What came of one workload on one unit in one attempt: raw numbers, and what the audits said of them. Never
// interpreted here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/device.hpp"
#include "harness/model/workload.hpp"

namespace geomsu {

enum class TrialStatus {
  kOk,
  kUnsupported,
  kOutOfMemory,
  kDeviceLost,
  kTimeout,
  kError,    // the worker died, hung or spoke nonsense
  kInvalid,  // measured, and a precondition broke: the reason says which
};
std::string_view to_string(TrialStatus status);  // "ok", "unsupported", "out_of_memory", ...
std::optional<TrialStatus> parse_trial_status(std::string_view text);

// The device's clock against the host's.
struct ClockAudit {
  enum class Verdict { kProved, kUnproved, kBroken };
  Verdict verdict = Verdict::kUnproved;
  std::string reason;              // empty only where proved
  std::optional<double> rate_ppm;  // over the widest pair >= 5 s apart; absent where there is none
  std::optional<std::int64_t> baseline_ns;
  std::optional<std::int64_t> uncertainty_ns;  // width of the narrowest host-device-host reading
  std::string domain;                          // "host", "device" or "none"
  bool operator==(const ClockAudit&) const = default;
};
std::string_view to_string(ClockAudit::Verdict verdict);  // "proved", "unproved", "broken"
std::optional<ClockAudit::Verdict> parse_clock_verdict(std::string_view text);

struct Check {  // one verification: elements, rms, projection, replay, digest
  std::string name;
  bool passed = false;
  std::uint64_t compared = 0;
  std::optional<double> worst;  // largest error over its tolerance: <= 1 passes
  std::string detail;           // what was drawn, and on failure where and by how much
  bool operator==(const Check&) const = default;
};

struct Finding {     // worth a reader's attention; changes a verdict only where a clause says so
  std::string code;  // "foreign_load", "throttled", "ecc", "wall_time_judged", "fewer_operand_sets"
  std::string text;
  bool operator==(const Finding&) const = default;
};

// What the supervisor saw of the worker beside its answers (kernels/SECURITY.md). Absent: nobody looked.
struct Watch {
  std::optional<double> host_cpu;             // mean cores of the host that the worker used during blocks
  std::optional<std::int64_t> replay_ns;      // wall time of the block that was run again
  std::optional<std::uint64_t> window_block;  // after this one every operand set was asked about
  std::optional<std::int64_t> window_ns;      // its reseed and those answers together
  bool operator==(const Watch&) const = default;
};

struct Trial {
  std::string id;  // the plan's "t001"
  Unit unit;
  std::uint32_t attempt = 1;
  // Which process worked on the bundle, from 1: a resumed run is another sitting, whose seeds are its own. A row that
  // does not name it is of the first.
  std::uint32_t sitting = 1;
  std::string workload;  // Workload::name()
  TrialStatus status = TrialStatus::kOk;
  std::string reason_code;  // model/outcome.hpp's Reason as text, where status is not kOk
  std::string reason;       // words, with what the worker said
  std::int64_t started_utc_ns = 0, ended_utc_ns = 0;

  std::uint64_t work_per_repeat = 0;  // FLOP or bytes, by kernels/ops
  std::uint64_t repeats = 0;          // in each block
  std::uint64_t operand_sets = 0;
  std::string algorithm;
  bool deterministic = false;
  std::uint64_t memory_bytes = 0;

  std::vector<std::int64_t> block_ns;   // judged: one integer a block
  std::vector<std::int64_t> device_ns;  // by the device's clock; empty where it has none
  // Of a group: a rank each, its own duration of every block by its own clock; device_ns is the slowest's.
  std::vector<std::vector<std::int64_t>> rank_ns;
  std::vector<std::int64_t> wall_ns;  // by the supervisor's clock
  bool judged_by_device = false;
  std::int64_t empty_submit_ns = 0;  // taken off the wall time where that is judged
  std::optional<std::int64_t> start_at_mono_ns, late_ns;

  ClockAudit clock;
  std::vector<Check> checks;
  std::vector<std::string> digests;  // one a block, hex; empty where there is none
  std::optional<Telemetry> before, after;
  std::optional<Watch> watch;  // absent in bundles of version 1.0
  std::vector<Finding> findings;

  // What the trial cost beside its blocks, for the overhead that the report prints.
  std::int64_t warmup_ns = 0, reseed_ns = 0, verify_ns = 0, total_ns = 0;

  // Raw ticks of this trial in ticks.bin.
  std::uint64_t ticks_offset = 0, ticks_bytes = 0;
  std::string ticks_sha256;

  bool operator==(const Trial&) const = default;
};

}  // namespace geomsu
