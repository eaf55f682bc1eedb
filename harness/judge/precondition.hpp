// What a unit must have and be set to before its figures mean anything: the contract's `software:` and `settings:`
// against what the device, its plug-in and the host told.
#pragma once

#include <optional>
#include <string>

#include "harness/contract/contract.hpp"
#include "harness/judge/refusal.hpp"
#include "harness/model/environment.hpp"
#include "harness/model/plan.hpp"

namespace geomsu {

// What is told of a key: of the device (its driver, its firmware, an attribute), of its plug-in ("plugin.sha256",
// "plugin.version", "plugin.build_id"), or of the host ("kernel"). Nothing where nobody tells it.
std::optional<std::string> told(const std::string& key, const PlannedUnit& unit, const Environment* environment);

// Whether `found` is what is wanted. On, true, yes, enabled and 1 are one setting, and so are their opposites. A
// quantity is compared by its dimension; of a plain number the key names the unit ("power.limit_w"). At least and at
// most compare dotted versions number by number ("570.133" is later than "570.86"). Nothing: the two cannot be
// compared.
std::optional<bool> holds(const Precondition& precondition, const std::string& found);

// All that the unit does not meet, in the contract's order: INVALID, with what is wanted and what was found. Nothing
// where it meets all. `sku`: the unit's.
std::optional<Refusal> broken_preconditions(const Contract& contract, const std::string& sku, const PlannedUnit& unit,
                                            const Environment* environment);

}  // namespace geomsu
