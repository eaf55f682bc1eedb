// A lot's figure per won: the counted units' bounds summed, over the contract's price.
#pragma once

#include <span>
#include <string>

#include "harness/contract/contract.hpp"
#include "harness/judge/trial_row.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

struct LotJudgement {
  ClauseRow row;
  PerWon figure;
};

// `units`: the clause measured on every unit of the lot, without a bar. A unit that has no bounds is never left out of
// the sum: the lot then has the worst of those outcomes. Units that the contract allows not to offer the operation add
// nothing. The floor is a conservative sum of lower bounds, not a bound of the sum.
LotJudgement judge_lot(const Contract& contract, const Clause& clause, std::span<const Measured> units);

}  // namespace geomsu
