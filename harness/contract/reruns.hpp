// `reruns:` of a contract: which later attempts stand in for an earlier one.
#pragma once

#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {

// Left out: nothing is superseded. FAIL among them would be best of N, and is refused (T04).
Reruns read_reruns(MapReader& reader, Diagnostics& diagnostics);

}  // namespace geomsu
