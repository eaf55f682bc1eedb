// What a GPU's description hands to the host: the runtime's facts, NVML's, and what is not as it should be.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/abi/geomsu_plugin.h"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/identity.hpp"
#include "kernels/cuda/nvml.hpp"

namespace geomsu::cuda {

// Texts live as long as this does; attributes' keys are unique but for "finding.*".
class Description {
 public:
  // NVML that cannot be asked is a finding ("finding.nvml"), not an error. Throws Failure DEVICE_LOST only.
  // `more`: further attributes.
  Description(const Facts& facts, const std::shared_ptr<const nvml::Library>& library,
              const std::vector<std::pair<std::string, std::string>>& more = {});
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;

  void put(geomsu_description& to) const;
  const std::vector<std::pair<std::string, std::string>>& attributes() const { return attributes_; }
  const std::string& uuid() const { return uuid_; }
  const std::string& partition() const { return partition_; }  // "" = the whole GPU

 private:
  void add(const char* key, std::string value);
  void take(const Facts& facts);

  std::string name_, uuid_, serial_, pci_address_, driver_, firmware_, partition_;
  std::uint64_t memory_bytes_ = GEOMSU_UNKNOWN, pcie_generation_ = GEOMSU_UNKNOWN, pcie_width_ = GEOMSU_UNKNOWN;
  std::vector<std::pair<std::string, std::string>> attributes_;
  std::vector<geomsu_param> pointers_;  // into attributes_
};

// The uuid and pci address under which NVML is asked for a device of the runtime.
nvml::Place place_of(const Facts& facts);

// NVML's facts as attributes: {"pcie.max_generation", "5"}; only what is known.
std::vector<std::pair<std::string, std::string>> attributes_of(const nvml::Identity& identity);
// "MIG instance MIG-...: GPU instance 1, compute instance 0, 16 multiprocessors, 9856 MiB"; "" without MIG.
std::string partition_of(const nvml::Identity& identity);

}  // namespace geomsu::cuda
