// The delivery lists of a bundle: delivery-1.csv, delivery-2.csv ..., in the order in which contract.yaml names them.
#pragma once

#include <string>
#include <vector>

#include "harness/evidence/bundle_dir.hpp"

namespace geomsu {

// Those of an unsealed bundle, which has no manifest to say how many there are: up to the first that is missing.
std::vector<std::string> read_lists(const BundleDir& dir);

}  // namespace geomsu
