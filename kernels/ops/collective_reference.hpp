// What each rank must have after a collective: exact, since the elements are small whole numbers.
#pragma once

#include <memory>

#include "kernels/ops/collective.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

// Of the output of state.rank. elements() is 0 for a rank without one (reduce, but for the root). std::out_of_range for
// an element or a repeat that there is not, and in place for a set that was run twice.
std::unique_ptr<Reference> collective_reference(const CollectiveShape& shape, const BlockState& state);

}  // namespace geomsu::ops
