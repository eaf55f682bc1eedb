// What the targets of transfers hold after some repeats: exact.
#pragma once

#include <memory>

#include "kernels/ops/operation.hpp"
#include "kernels/ops/transfer.hpp"

namespace geomsu::ops {

// std::out_of_range for an element that there is not, and before the first repeat.
std::unique_ptr<Reference> transfer_reference(const TransferShape& shape, const BlockState& state);

}  // namespace geomsu::ops
