// The draft of a contract, with its comments, from device sheets: what `geomsu init` writes.
//
// Danger: a draft that is signed as it stands. Whatever only the parties know is the word TODO, which no reader of ours
// takes for a value, so that the draft is refused until every one of them is replaced; the figures of the bars are
// among them, by the source that each must be given.
#pragma once

#include <string>
#include <vector>

#include "harness/contract/contract.hpp"

namespace geomsu {

inline constexpr std::string_view kToDo = "TODO";
// Whether a value is still to be filled in: TODO, alone or before other words.
bool is_to_do(std::string_view text);

// A median and a p05 clause for each operation whose dense peak a sheet is sure of. Cells that are unknown, or that
// sources differ on, are listed in a comment and nothing is made up for them. `sheets`: at least one. `today`: the day
// of Seoul that the draft is written on, YYYY-MM-DD.
std::string draft_contract(const std::vector<DeviceSheet>& sheets, const std::string& today);

}  // namespace geomsu
