// The bar of a clause: `at_least`, `at_most` or `between`, and the unit that it was written in.
#pragma once

#include <string>

#include "harness/contract/clause.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// The unit as it was written: "TFLOP/s" of "700 TFLOP/s". Empty where the text is a plain number or no quantity.
std::string written_unit(const std::string& quantity_text);

// The dimension a bar must have for this quantity: FLOP/s for gemm.throughput, FLOP/s per won with `per`. kNone where
// the operation or the quantity is unknown.
Dimension bar_dimension(const std::string& operation, const std::string& quantity, bool per_won);

// Exactly one of the three keys, with quantities of the measure's own dimension; `between` has the low bar first.
// Of `between` the text is "600 TFLOP/s to 700 TFLOP/s", and the unit that of the low bar.
void read_bar(MapReader& reader, ReadClause& read, Diagnostics& diagnostics);

}  // namespace geomsu
