// What mma.sync and wmma share.
#pragma once

#include "tests/cuda_emulation/ptx/block.hpp"

namespace geomsu::emulation::ptx {

void want_whole_warp(Warp& warp, const Instruction& at, Lanes lanes);
double matrix_element(std::uint64_t word, Type type);  // of the low bits

}  // namespace geomsu::emulation::ptx
