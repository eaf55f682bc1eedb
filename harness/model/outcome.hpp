// The six outcomes of a clause on a unit. Only PASS is green.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace geomsu {

enum class Outcome { kPass, kFail, kInconclusive, kInvalid, kNotRun, kNotApplicable };

// Why an outcome is not PASS; distinct, so that "too slow" is never mixed with "wrong answer".
enum class Reason {
  kNone,
  kTooSlow,        // the bound lies beyond the bar
  kUndecided,      // the interval straddles the bar
  kUnsupported,    // the device does not offer the operation
  kWrongAnswer,    // verification failed
  kDeviceError,    // out of memory, device lost, crash, hang, bad protocol
  kClock,          // the clock audit failed
  kForeignLoad,    // others used the device while a clause demanded it for itself
  kDeviceChanged,  // serial, uuid or firmware differ between two readings
  kNotFound,       // the unit of the delivery list was not found
  kNotMeasured,    // planned, no finished trial in the evidence
  kSimulated,      // fake or emulated evidence
  kNoPrice,        // a per-won clause without a price
  kLateStart,      // the block began over 1 ms after the agreed instant
  kEarlyStart,     // the block began before it
  kAnsweredLate,   // the work was done when its result was asked for
  kReplayTime,     // run again, a block takes a fraction of its judged time
  kHostCompute,    // the host's processors worked while a device was claimed
  kOverPeak,       // faster than the datasheet says that the part can be
  kDependent,      // blocks of a sustained clause depend on each other, or its sessions differ
  kPrecondition,   // software or settings other than the contract's
  kSite,           // a site condition of the contract does not hold, or nobody read it
  kOutlier,        // outside its fleet, where the clause makes something of that
  kNotTogether,    // the rack or the hall was not measured together as the workload says
  kBadEvidence,    // the unit's bundle is refused: not sealed, damaged, or of another contract
};

std::string_view to_string(Outcome outcome);  // "PASS", "FAIL", ...
std::string_view to_string(Reason reason);    // "too slow", ...
std::optional<Outcome> parse_outcome(std::string_view text);
std::optional<Reason> parse_reason(std::string_view text);

// Only worsens: FAIL > INVALID > NOT_RUN > INCONCLUSIVE > PASS; NOT_APPLICABLE is the identity.
Outcome worst(Outcome a, Outcome b);
Outcome worst(std::span<const Outcome> outcomes);  // NOT_APPLICABLE for none

// 0: at least one PASS and nothing but PASS and NOT_APPLICABLE; 1: any FAIL; 2: the rest, an empty scope included.
int exit_status(std::span<const Outcome> outcomes);

}  // namespace geomsu
