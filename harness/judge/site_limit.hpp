// What the site must offer while it is measured: readings of the environment against the contract's limits.
#pragma once

#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/judge/refusal.hpp"
#include "harness/model/environment.hpp"

namespace geomsu {

// Each limit that does not hold, in the contract's order: INVALID where the buyer supplies the site, FAIL where the
// supplier does; INVALID where nobody has read it. Every unit that was measured is as bad at least.
std::vector<Refusal> broken_site_limits(const Contract& contract, const Environment* environment);

}  // namespace geomsu
