#include "harness/model/trial.hpp"

#include "harness/model/names.hpp"

namespace geomsu {
namespace {

constexpr std::array<Named<TrialStatus>, 7> kStatuses{{{TrialStatus::kOk, "ok"},
                                                       {TrialStatus::kUnsupported, "unsupported"},
                                                       {TrialStatus::kOutOfMemory, "out_of_memory"},
                                                       {TrialStatus::kDeviceLost, "device_lost"},
                                                       {TrialStatus::kTimeout, "timeout"},
                                                       {TrialStatus::kError, "error"},
                                                       {TrialStatus::kInvalid, "invalid"}}};

constexpr std::array<Named<ClockAudit::Verdict>, 3> kClockVerdicts{{{ClockAudit::Verdict::kProved, "proved"},
                                                                    {ClockAudit::Verdict::kUnproved, "unproved"},
                                                                    {ClockAudit::Verdict::kBroken, "broken"}}};

}  // namespace

std::string_view to_string(TrialStatus status) { return text_of(kStatuses, status); }
std::optional<TrialStatus> parse_trial_status(std::string_view text) { return value_of(kStatuses, text); }
std::string_view to_string(ClockAudit::Verdict verdict) { return text_of(kClockVerdicts, verdict); }
std::optional<ClockAudit::Verdict> parse_clock_verdict(std::string_view text) { return value_of(kClockVerdicts, text); }

}  // namespace geomsu
