#include "harness/measure/pci_count.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <system_error>

namespace geomsu {
namespace {

namespace fs = std::filesystem;

// ASPEED, Matrox, Cirrus, QEMU, virtio, VMware, VirtualBox, Hyper-V, XGI, Silicon Motion: displays of baseboards and
// virtual machines.
constexpr std::array<std::string_view, 10> kDisplays{"0x1a03", "0x102b", "0x1013", "0x1234", "0x1af4",
                                                     "0x15ad", "0x80ee", "0x1414", "0x18ca", "0x126f"};

std::string word(const fs::path& path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  return text;
}

}  // namespace

std::optional<std::uint64_t> count_pci_accelerators(const fs::path& devices) {
  std::error_code failed;
  fs::directory_iterator entry(devices, failed);
  if (failed) return std::nullopt;
  std::uint64_t count = 0;
  for (const fs::directory_iterator last; !failed && entry != last; entry.increment(failed)) {
    const std::string kind = word(entry->path() / "class");
    std::error_code none;
    if (fs::exists(entry->path() / "physfn", none)) continue;  // a share of a device that is counted itself
    if (kind.starts_with("0x0302") || kind.starts_with("0x1200")) {
      ++count;
    } else if (kind.starts_with("0x0300")) {
      const std::string vendor = word(entry->path() / "vendor");
      if (std::find(kDisplays.begin(), kDisplays.end(), vendor) == kDisplays.end()) ++count;
    }
  }
  return count;
}

}  // namespace geomsu
