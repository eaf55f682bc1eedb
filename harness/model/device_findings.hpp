// What a plug-in found at its start and a reader must know, told as attributes of a device: {"finding.ecc_off", "ECC is
// off"} is the finding `ecc_off`. It decides nothing; the attribute stays in the evidence as it came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/device.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

inline constexpr std::string_view kFindingAttribute = "finding.";

// In the order of their codes. Each text begins with the unit: "node-a/SN-1 (cuda 0): ECC is off"; the node is the
// device's own attribute `node` where it has one. Codes and texts are a vendor's words: a code that is not of a-z, 0-9
// and _ becomes `device_finding`, texts are escaped for a terminal and clipped.
std::vector<Finding> device_findings(const DeviceInfo& device, const std::string& node);

}  // namespace geomsu
