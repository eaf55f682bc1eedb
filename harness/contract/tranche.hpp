// A tranche while the contract is read: its units with their places. And the rules over all of them.
#pragma once

#include <string>
#include <vector>

#include "harness/contract/delivered_unit.hpp"
#include "harness/contract/delivery.hpp"

namespace geomsu {

struct ReadTranche {
  Tranche tranche;
  Mark at, due_at;
  std::vector<ListedUnit> units;
};

// No serial and no uuid twice, in one tranche or in two: one part would be counted twice, and another not be missed.
void check_identities(const std::vector<ReadTranche>& tranches, Diagnostics& diagnostics);
// No two tranches of one name; due dates not before the contract's, and in order (warnings).
void check_tranches(const std::vector<ReadTranche>& tranches, const std::string& contract_date,
                    Diagnostics& diagnostics);
// Each unit of a SKU that the contract names, and named where there is a choice.
void check_skus(const std::vector<ReadTranche>& tranches, const std::vector<std::string>& skus,
                Diagnostics& diagnostics);
// Of a tranche all units say who uses them, or none.
void check_use(const std::vector<ReadTranche>& tranches, Diagnostics& diagnostics);

}  // namespace geomsu
