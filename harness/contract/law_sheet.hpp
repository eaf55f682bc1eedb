// configs/law: rates, caps and rulings on damages for delay, each with its day, its article and what it was checked
// against.
#pragma once

#include <string>
#include <string_view>

#include "harness/contract/contract.hpp"
#include "harness/money/damages_law.hpp"

namespace geomsu {

Loaded<DamagesLaw> parse_law(std::string_view yaml, const std::string& name);

}  // namespace geomsu
