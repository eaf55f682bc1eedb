// `sampling:` of a contract: by which plan a lot is decided. The kind is fixed here, before delivery; no pretest and no
// result chooses it.
#pragma once

#include <string>

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// Left out: `named` is false and every unit is due. `contract_date` is what prior data is held against.
Sampling read_sampling(MapReader& reader, const std::string& contract_date, Diagnostics& diagnostics);

}  // namespace geomsu
