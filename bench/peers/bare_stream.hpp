// STREAM-like loops over arrays of doubles, with stores past the caches where x86 has them: copy, scale, add, triad,
// read, write. Bytes of a repeat as kernels/ops counts them. The arrays change roles from repeat to repeat, as the
// operation's do.
#pragma once

#include "bench/peers/pairs.hpp"

namespace geomsu::bench {

std::unique_ptr<Side> make_bare_stream(const BareRequest& request);  // fp64 alone

}  // namespace geomsu::bench
