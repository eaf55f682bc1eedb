// How many accelerators the host sees on PCI, beside what the plug-ins answer. Read from sysfs; loads no driver.
//
// Trap: a node that is dishonest itself can show any tree; and what sits behind a switch that is off is not seen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace geomsu {

// Physical functions of class 0302 (3D controller), 1200 (processing accelerator) and 0300 (VGA) but for the display
// chips of baseboards and virtual machines. nullopt where the folder cannot be read.
std::optional<std::uint64_t> count_pci_accelerators(const std::filesystem::path& devices = "/sys/bus/pci/devices");

}  // namespace geomsu
