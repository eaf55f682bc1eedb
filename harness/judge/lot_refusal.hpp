// Why a bundle of a lot is no evidence, and what is told against units that several nodes show.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "harness/base/error.hpp"
#include "harness/contract/contract.hpp"
#include "harness/judge/judgement.hpp"

namespace geomsu {

// The file's name and the message. No path: it would change with the bundle's name.
std::string refusal_words(const Error& error);

// The node that the bundle's plan names; empty where no plan can be read. Not believed, but for whose units are
// INVALID.
std::string claimed_node(const std::filesystem::path& bundle);

// On each clause: INVALID, for all of these nodes show the unit's serial.
void append_shared_serial(const Contract& contract, const Unit& unit, std::span<const std::string> nodes,
                          std::vector<Doubt>& doubts);

}  // namespace geomsu
