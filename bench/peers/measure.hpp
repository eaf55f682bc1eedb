// One pair measured: sides started, repeats found, blocks in turn.
#pragma once

#include "bench/peers/compare.hpp"
#include "bench/peers/options.hpp"
#include "bench/peers/pairs.hpp"
#include "harness/base/log.hpp"

namespace geomsu::bench {

PairResult measure_pair(const Pair& pair, const PeerOptions& options, std::uint64_t seed, Log& log);

// The side that a child of this program serves (options.serve). Error kUsage where there is no such side or pair.
std::unique_ptr<Side> make_served(const PeerOptions& options);

}  // namespace geomsu::bench
