// What a reader must know beside the outcomes: findings of single trials, notes on all of it, the verdict in one
// sentence.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/judge/holm_family.hpp"
#include "harness/judge/scope.hpp"
#include "harness/model/environment.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

std::vector<Finding> gather_findings(const Contract& contract, const Plan& plan, const TrialTable& trials,
                                     const Reconciliation& serials);
// The host's PCI bus shows more accelerators than the plug-ins answered for.
std::optional<Finding> more_devices_on_pci(const Environment& environment);
// Devices that show a uuid which another has shown: the plan counts them as not found.
std::vector<Finding> one_part_twice(const Environment& environment);
std::vector<std::string> gather_notes(const Contract& contract, const Plan& plan, const TrialTable& trials);
// Nothing where no row has an interval.
std::optional<std::string> false_fails_note(const FalseFails& expected);
std::string sentence(const Verdict& verdict);

}  // namespace geomsu
