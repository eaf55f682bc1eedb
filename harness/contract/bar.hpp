// The bar of a clause: its quantity, the unit it was written in, and whether it is one that can honestly be judged.
#pragma once

#include <optional>
#include <string>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"

namespace geomsu {

// The unit as it was written: "TFLOP/s" of "700 TFLOP/s". Empty where the text is a plain number or no quantity.
std::string written_unit(const std::string& quantity_text);

// The dimension a bar must have for this quantity: FLOP/s for gemm.throughput, FLOP/s per won with `per`. kNone where
// the operation or the quantity is unknown.
Dimension bar_dimension(const std::string& operation, const std::string& quantity, bool per_won);

// Compares a bar with the SKU's datasheet: over the dense peak is an error, under 75 % of it a warning (T02, T03), the
// peak of a slower SKU of the same vendor a warning (T03). Returns what is unverifiable about it, empty where nothing
// is.
std::string check_against_sheet(const Clause& clause, Mark bar_at, const DeviceSheet* sheet, const SheetLibrary* sheets,
                                Diagnostics& diagnostics);

}  // namespace geomsu
