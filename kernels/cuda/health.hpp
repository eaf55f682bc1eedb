// What is not as it should be with a GPU before anything is measured, as data: the host makes findings of the verdict
// of it.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/identity.hpp"

namespace geomsu::cuda::nvml {

// `code` is stable ("ecc_off"); `words` say what, where, why it matters and what next.
struct Finding {
  std::string code, words;
};

std::vector<Finding> findings(const Identity& identity, const std::string& pci_address);

// Of an XID that was seen while measuring (TelemetrySource::last_xid).
Finding xid_finding(unsigned xid, const std::string& pci_address);

// "SW power cap, HW thermal slowdown": NVML's reasons, the harmless ones too.
std::string reason_names(std::uint64_t reasons);
std::string fabric_state_name(unsigned state);
std::string compute_mode_name(unsigned mode);

}  // namespace geomsu::cuda::nvml
