// Why a trial may not be judged at all, before its numbers are looked at.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "harness/contract/contract.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

// A trial of several units starts no later than this after the agreed instant, else they were not measured together.
inline constexpr std::int64_t kLateLimitNs = 1'000'000;

struct Refusal {
  Outcome outcome = Outcome::kInvalid;
  Reason reason = Reason::kNone;
  std::string words;
};

// The row as bad as that at least, and its words with both. A row that is worse already stays what it is.
void worsen(ClauseRow& row, const Refusal& by);

// The first that applies, in the order of judge.hpp. `least`: blocks that must be there. `precondition`: what the unit
// is not, of what the contract wants it to be; it stands for the speed and for NOT_APPLICABLE, not for answers that are
// wrong.
std::optional<Refusal> refusal(const Clause& clause, const PlannedTrial& planned, const Trial& trial, std::size_t least,
                               const std::optional<Refusal>& precondition);

}  // namespace geomsu
