// One node of a lot, as its bundles say: attempts merged, what is bad evidence said.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/judge/judgement.hpp"

namespace geomsu {

// Attempts of one node in their order, none empty, merged into the first: a row of a later one stands in where the
// contract's `reruns` say so, and says so in its words. Tallies, serials and unit figures follow the rows.
BundleJudgement merge_attempts(const Contract& contract, std::vector<BundleJudgement> attempts);

// A node with evidence that is refused, for what `words` say: no row of it is better than INVALID, and nobody accepted.
void make_bad_evidence(const Contract& contract, const std::string& words, BundleJudgement& judgement);

// The worst of its clauses; NOT_RUN of none.
Outcome outcome_of(const BundleJudgement& judgement);

// A node that the lot has no bundle of: its rows say so.
void say_no_bundle(const Contract& contract, BundleJudgement& judgement);

// Tallies and clauses again, from the rows.
void add_up_again(const Contract& contract, BundleJudgement& judgement);

}  // namespace geomsu
