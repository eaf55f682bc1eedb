// Who a GPU is and how it is set up, read once through NVML. What cannot be read is absent, and `unanswered` says why.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernels/cuda/nvml.hpp"

namespace geomsu::cuda::nvml {

struct Link {  // of NVLink
  unsigned number = 0;
  bool active = false;
  std::optional<unsigned> version, mbps;  // version: NVML's number of it
  std::string remote;                     // "GPU 0000:1b:00.0", "switch 0000:07:00.0"; "" where unknown
};

struct Process {
  unsigned pid = 0;
  std::string name;                           // "" where it cannot be read
  std::optional<std::uint64_t> memory_bytes;  // of the device
};

struct Fabric {
  unsigned state = kFabricNotSupported;  // nvmlGpuFabricState_t
  Status status = kSuccess;              // of the registration; says something only where it is completed
  unsigned clique = 0;
  std::string cluster;             // uuid
  std::optional<unsigned> health;  // mask; a driver before R550 has none
};

struct MigInstance {
  std::string uuid;
  std::optional<unsigned> gpu_instance, compute_instance;
  std::optional<DeviceAttributes> attributes;
  Handle handle = nullptr;
};

struct Identity {
  std::string name, uuid, serial, part_number, vbios, inforom, driver, brand, architecture;
  bool inforom_corrupted = false;
  std::optional<unsigned> numa_node, compute_mode;
  std::optional<bool> persistence, ecc_current, ecc_pending;
  std::optional<std::uint64_t> memory_bytes;

  // The most of GPU and slot together, and of the GPU alone.
  std::optional<unsigned> pcie_generation, pcie_max_generation, pcie_gpu_generation, pcie_width, pcie_max_width;

  std::optional<double> power_limit_w, power_default_limit_w, power_min_limit_w, power_max_limit_w,
      power_enforced_limit_w;
  std::optional<unsigned> clock_max_sm_mhz, clock_max_memory_mhz;
  // Set by somebody; the default is what the part comes with, which is below its highest clock on many.
  std::optional<unsigned> application_sm_mhz, default_application_sm_mhz, application_memory_mhz,
      default_application_memory_mhz;
  std::optional<std::uint64_t> clock_reasons;  // as they stood while nothing of ours ran

  std::optional<unsigned> link_count;  // that the part has
  std::vector<Link> links;
  std::optional<Fabric> fabric;

  std::optional<bool> mig_enabled, mig_pending;
  std::optional<unsigned> mig_instances;
  std::optional<MigInstance> mig;  // the one that we run on, where it can be said

  std::optional<std::uint64_t> retired_single_bit, retired_double_bit;
  std::optional<bool> retired_pending;
  std::optional<unsigned> remapped_corrected, remapped_uncorrected;
  std::optional<bool> remap_pending, remap_failed;
  std::optional<std::uint64_t> ecc_corrected, ecc_uncorrected;  // over the part's life

  // On the device beside ourselves, computing or drawing; absent where NVML cannot list them.
  std::optional<std::vector<Process>> others;

  std::map<std::string, Status> unanswered;  // by function
};

// Throws Failure DEVICE_LOST only.
Identity identify(Gpu& gpu);

// Parts of it.
void read_links(const Gpu& gpu, Identity& to);
void read_mig(const Gpu& gpu, Identity& to);
void read_faults(const Gpu& gpu, Identity& to);
// Distinct processes of a list function, our own among them; nullopt where it does not answer.
std::optional<std::vector<ProcessInfo>> processes(const Gpu& gpu, const Functions::Processes& function);
// How many pages were retired for a cause (nvmlPageRetirementCause_t).
std::optional<std::uint64_t> retired_pages(const Gpu& gpu, int cause);
// Throttling and other reasons by NVML's bits, under the function's new or its old name.
std::optional<std::uint64_t> clock_reasons(const Gpu& gpu);

}  // namespace geomsu::cuda::nvml
