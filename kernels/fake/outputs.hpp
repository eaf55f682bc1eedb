// The operations that fake devices have.
#pragma once

#include <memory>

#include "kernels/fake/output.hpp"

namespace geomsu::fake {

std::unique_ptr<Output> make_gemm_output(const ops::Params& params);
std::unique_ptr<Output> make_memory_output(const ops::Params& params);
std::unique_ptr<Output> make_collective_output(const ops::Params& params, std::uint32_t rank);

}  // namespace geomsu::fake
