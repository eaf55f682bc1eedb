// Clauses whose racks or halls must be busy together: one node's evidence alone cannot show that.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/judge/judgement.hpp"

namespace geomsu {

// Of the longest window of the nodes that must be busy together, the share that all have in common. Nodes begin when
// they are told to, and not at one instant.
inline constexpr double kTogetherShare = 0.9;

bool wants_company(const Clause& clause);  // rack or hall concurrency

// Between its warm-up and its checks, by the host's UTC.
Window window_of(std::uint32_t place, const Trial& trial);

}  // namespace geomsu
