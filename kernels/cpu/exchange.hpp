// The bare loops of a collective: one thread's share, read from where it lies and written to all who want it.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/ops/collective.hpp"
#include "kernels/ops/fill.hpp"

namespace geomsu::cpu {

// to[t][i] = op over s of from[s][i], for all i < count elements and t < targets. With ReduceOp::kNone there is one
// source. Every pointer is aligned to an element; the targets alike modulo 64 bytes. A target may be a source too, at
// the same place. `past_caches`: stores go past the caches and are ordered before the return.
using Exchange = void (*)(const void* const* from, std::uint32_t sources, void* const* to, std::uint32_t targets,
                          std::uint64_t count, bool past_caches);

// dtype: fp32, fp64, bf16 or int32. Sums of int32 wrap; bf16 is reduced in fp32 and rounded to nearest even at the end.
Exchange exchange_of(ops::Isa isa, std::string_view dtype, ops::ReduceOp op);

// By instruction set; nullptr where it was not compiled for this kind of processor.
Exchange exchange_portable(std::string_view dtype, ops::ReduceOp op);
Exchange exchange_avx2(std::string_view dtype, ops::ReduceOp op);
Exchange exchange_avx512(std::string_view dtype, ops::ReduceOp op);

}  // namespace geomsu::cpu
