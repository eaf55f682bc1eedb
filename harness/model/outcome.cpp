#include "harness/model/outcome.hpp"

#include "harness/model/names.hpp"

namespace geomsu {
namespace {

constexpr std::array<Named<Outcome>, 6> kOutcomes{{{Outcome::kPass, "PASS"},
                                                   {Outcome::kFail, "FAIL"},
                                                   {Outcome::kInconclusive, "INCONCLUSIVE"},
                                                   {Outcome::kInvalid, "INVALID"},
                                                   {Outcome::kNotRun, "NOT_RUN"},
                                                   {Outcome::kNotApplicable, "NOT_APPLICABLE"}}};

constexpr std::array<Named<Reason>, 25> kReasons{{{Reason::kNone, "none"},
                                                  {Reason::kTooSlow, "too slow"},
                                                  {Reason::kUndecided, "undecided"},
                                                  {Reason::kUnsupported, "unsupported"},
                                                  {Reason::kWrongAnswer, "wrong answer"},
                                                  {Reason::kDeviceError, "device error"},
                                                  {Reason::kClock, "clock"},
                                                  {Reason::kForeignLoad, "foreign load"},
                                                  {Reason::kDeviceChanged, "device changed"},
                                                  {Reason::kNotFound, "not found"},
                                                  {Reason::kNotMeasured, "not measured"},
                                                  {Reason::kSimulated, "simulated"},
                                                  {Reason::kNoPrice, "no price"},
                                                  {Reason::kLateStart, "late start"},
                                                  {Reason::kEarlyStart, "early start"},
                                                  {Reason::kAnsweredLate, "answered late"},
                                                  {Reason::kReplayTime, "replay time"},
                                                  {Reason::kHostCompute, "host compute"},
                                                  {Reason::kOverPeak, "over peak"},
                                                  {Reason::kDependent, "dependent"},
                                                  {Reason::kPrecondition, "precondition"},
                                                  {Reason::kSite, "site"},
                                                  {Reason::kOutlier, "outlier"},
                                                  {Reason::kNotTogether, "not together"},
                                                  {Reason::kBadEvidence, "bad evidence"}}};

int badness(Outcome outcome) {
  switch (outcome) {
    case Outcome::kNotApplicable:
      return 0;
    case Outcome::kPass:
      return 1;
    case Outcome::kInconclusive:
      return 2;
    case Outcome::kNotRun:
      return 3;
    case Outcome::kInvalid:
      return 4;
    case Outcome::kFail:
      return 5;
  }
  return 5;
}

}  // namespace

std::string_view to_string(Outcome outcome) { return text_of(kOutcomes, outcome); }
std::string_view to_string(Reason reason) { return text_of(kReasons, reason); }
std::optional<Outcome> parse_outcome(std::string_view text) { return value_of(kOutcomes, text); }
std::optional<Reason> parse_reason(std::string_view text) { return value_of(kReasons, text); }

Outcome worst(Outcome a, Outcome b) { return badness(b) > badness(a) ? b : a; }

Outcome worst(std::span<const Outcome> outcomes) {
  Outcome result = Outcome::kNotApplicable;
  for (const Outcome outcome : outcomes) result = worst(result, outcome);
  return result;
}

int exit_status(std::span<const Outcome> outcomes) {
  switch (worst(outcomes)) {
    case Outcome::kPass:
      return 0;
    case Outcome::kFail:
      return 1;
    default:
      return 2;
  }
}

}  // namespace geomsu
