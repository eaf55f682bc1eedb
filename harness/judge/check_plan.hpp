// Whether a bundle's plan is of its own suite and contract.
#pragma once

#include "harness/contract/contract.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu {

// The plan's samples are those that suite and contract fix: nobody has planned fewer, an early stop or another
// extension beside them; and where the contract fixes the suite's bytes, these are they. Error kBadData where not.
void check_plan(const Evidence& evidence, const Suite& suite, const Contract& contract);

}  // namespace geomsu
