// Memory of a chosen NUMA node.
#pragma once

#include <cstddef>
#include <span>

namespace geomsu::cpu {

// Pages of the range that are not there yet will come into being on this node only. Failure UNSUPPORTED where the
// kernel refuses (no such node, or it is not allowed to this process).
void place_on_node(std::span<std::byte> bytes, unsigned node);

// How many of up to 64 pages spread over the range, all of them touched, lie on another node.
std::size_t pages_elsewhere(std::span<std::byte> bytes, unsigned node);

}  // namespace geomsu::cpu
