// One unit of a delivery list, wherever the list stands: in the contract's YAML or in a CSV file beside it. Both
// readers give the same fields to the same rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"

namespace geomsu {

// A cell as it was written; `text` is empty where the list does not have it.
struct UnitCell {
  std::string text;
  Mark at;
};

struct UnitCells {
  Mark at;  // of the row
  UnitCell serial, uuid, node, rack, sku, use, tranche;
};

// A unit with its place, for messages about two of them.
struct ListedUnit {
  DeliveredUnit unit;
  std::string file;
  Mark at;
  bool use_told = false;
};

// The cells by their rules; what is wrong is said for each cell, and nothing comes back then.
std::optional<ListedUnit> listed_unit(const UnitCells& cells, Diagnostics& diagnostics);

// What a spreadsheet makes of serials that look like numbers or formulas: why `text` cannot be one, or nothing.
std::optional<Advice> spreadsheet_damage(std::string_view text);

std::string place_text(const ListedUnit& unit);  // "lists/1.csv:12"

}  // namespace geomsu
