// The trials of a plan, which are most of its bytes, as fast as the writer's own layout allows.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "harness/model/plan.hpp"

namespace geomsu {

// From a JSON array that stands alone. Nothing where it is not just as the writer puts it: the slow reader then says
// what is wrong, or takes what is only unusual.
std::optional<std::vector<PlannedTrial>> quick_planned_trials(std::string_view array);

}  // namespace geomsu
