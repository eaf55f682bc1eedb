#include "reports/exporters/messages.hpp"

namespace geomsu {

const Message& overall_message(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return tr("overall.pass");
    case Outcome::kFail:
      return tr("overall.fail");
    case Outcome::kInconclusive:
      return tr("overall.inconclusive");
    case Outcome::kInvalid:
      return tr("overall.invalid");
    case Outcome::kNotRun:
      return tr("overall.not_run");
    case Outcome::kNotApplicable:
      return tr("overall.not_applicable");
  }
  return tr("overall.invalid");
}

const Message& outcome_message(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return tr("outcome.pass");
    case Outcome::kFail:
      return tr("outcome.fail");
    case Outcome::kInconclusive:
      return tr("outcome.inconclusive");
    case Outcome::kInvalid:
      return tr("outcome.invalid");
    case Outcome::kNotRun:
      return tr("outcome.not_run");
    case Outcome::kNotApplicable:
      return tr("outcome.not_applicable");
  }
  return tr("outcome.invalid");
}

const Message& reason_message(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return tr("reason.none");
    case Reason::kTooSlow:
      return tr("reason.too_slow");
    case Reason::kUndecided:
      return tr("reason.undecided");
    case Reason::kUnsupported:
      return tr("reason.unsupported");
    case Reason::kWrongAnswer:
      return tr("reason.wrong_answer");
    case Reason::kDeviceError:
      return tr("reason.device_error");
    case Reason::kClock:
      return tr("reason.clock");
    case Reason::kForeignLoad:
      return tr("reason.foreign_load");
    case Reason::kDeviceChanged:
      return tr("reason.device_changed");
    case Reason::kNotFound:
      return tr("reason.not_found");
    case Reason::kNotMeasured:
      return tr("reason.not_measured");
    case Reason::kSimulated:
      return tr("reason.simulated");
    case Reason::kNoPrice:
      return tr("reason.no_price");
    case Reason::kLateStart:
      return tr("reason.late_start");
    case Reason::kEarlyStart:
      return tr("reason.early_start");
    case Reason::kAnsweredLate:
      return tr("reason.answered_late");
    case Reason::kReplayTime:
      return tr("reason.replay_time");
    case Reason::kHostCompute:
      return tr("reason.host_compute");
    case Reason::kOverPeak:
      return tr("reason.over_peak");
    case Reason::kDependent:
      return tr("reason.dependent");
    case Reason::kPrecondition:
      return tr("reason.precondition");
    case Reason::kSite:
      return tr("reason.site");
    case Reason::kOutlier:
      return tr("reason.outlier");
    case Reason::kNotTogether:
      return tr("reason.not_together");
    case Reason::kBadEvidence:
      return tr("reason.bad_evidence");
  }
  return tr("reason.none");
}

const Message& action_message(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return tr("action.none");
    case Reason::kTooSlow:
      return tr("action.too_slow");
    case Reason::kUndecided:
      return tr("action.undecided");
    case Reason::kUnsupported:
      return tr("action.unsupported");
    case Reason::kWrongAnswer:
      return tr("action.wrong_answer");
    case Reason::kDeviceError:
      return tr("action.device_error");
    case Reason::kClock:
      return tr("action.clock");
    case Reason::kForeignLoad:
      return tr("action.foreign_load");
    case Reason::kDeviceChanged:
      return tr("action.device_changed");
    case Reason::kNotFound:
      return tr("action.not_found");
    case Reason::kNotMeasured:
      return tr("action.not_measured");
    case Reason::kSimulated:
      return tr("action.simulated");
    case Reason::kNoPrice:
      return tr("action.no_price");
    case Reason::kLateStart:
      return tr("action.late_start");
    case Reason::kEarlyStart:
      return tr("action.early_start");
    case Reason::kAnsweredLate:
      return tr("action.answered_late");
    case Reason::kReplayTime:
      return tr("action.replay_time");
    case Reason::kHostCompute:
      return tr("action.host_compute");
    case Reason::kOverPeak:
      return tr("action.over_peak");
    case Reason::kDependent:
      return tr("action.dependent");
    case Reason::kPrecondition:
      return tr("action.precondition");
    case Reason::kSite:
      return tr("action.site");
    case Reason::kOutlier:
      return tr("action.outlier");
    case Reason::kNotTogether:
      return tr("action.not_together");
    case Reason::kBadEvidence:
      return tr("action.bad_evidence");
  }
  return tr("action.none");
}

const Message& clock_message(ClockAudit::Verdict verdict) {
  switch (verdict) {
    case ClockAudit::Verdict::kProved:
      return tr("clock.proved");
    case ClockAudit::Verdict::kUnproved:
      return tr("clock.unproved");
    case ClockAudit::Verdict::kBroken:
      return tr("clock.broken");
  }
  return tr("clock.broken");
}

const Message& status_message(TrialStatus status) {
  switch (status) {
    case TrialStatus::kOk:
      return tr("status.ok");
    case TrialStatus::kUnsupported:
      return tr("status.unsupported");
    case TrialStatus::kOutOfMemory:
      return tr("status.out_of_memory");
    case TrialStatus::kDeviceLost:
      return tr("status.device_lost");
    case TrialStatus::kTimeout:
      return tr("status.timeout");
    case TrialStatus::kError:
      return tr("status.error");
    case TrialStatus::kInvalid:
      return tr("status.invalid");
  }
  return tr("status.error");
}

const Message& statistic_message(std::string_view statistic) {
  if (statistic == "median") return tr("statistic.median");
  if (statistic == "p05") return tr("statistic.p05");
  if (statistic == "p95") return tr("statistic.p95");
  if (statistic == "min") return tr("statistic.min");
  if (statistic == "max") return tr("statistic.max");
  return tr("statistic.unknown");
}

const Message& severity_message(std::string_view severity) {
  if (severity == "major") return tr("severity.major");
  if (severity == "minor") return tr("severity.minor");
  return tr("severity.critical");
}

const Message& outliers_message(std::string_view rule) {
  if (rule == "fail") return tr("outliers.fail");
  if (rule == "inconclusive") return tr("outliers.inconclusive");
  return tr("outliers.finding");
}

const Message& decision_message(LotVerdict::Decision decision) {
  switch (decision) {
    case LotVerdict::Decision::kAccepted:
      return tr("lot.accepted");
    case LotVerdict::Decision::kRejected:
      return tr("lot.rejected");
    case LotVerdict::Decision::kUndecided:
      return tr("lot.undecided");
  }
  return tr("lot.undecided");
}

const Message& lot_kind_message(std::string_view kind) {
  if (kind == "full") return tr("lot.kind.full");
  if (kind == "hypergeometric") return tr("lot.kind.hypergeometric");
  if (kind == "iso2859") return tr("lot.kind.iso2859");
  if (kind == "variables") return tr("lot.kind.variables");
  if (kind == "sequential") return tr("lot.kind.sequential");
  return tr("lot.kind.unknown");
}

const Message& disposition_message(const Disposition& item) {
  return item.accepted ? tr("disposition.accepted") : tr("disposition.rejected");
}

}  // namespace geomsu
