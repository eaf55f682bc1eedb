#include "kernels/cuda/health.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "kernels/cuda/telemetry.hpp"

namespace geomsu::cuda::nvml {
namespace {

class Report {
 public:
  explicit Report(const std::string& pci_address) : where_(" (GPU " + pci_address + ")") {}
  void add(const char* code, const std::string& what, const std::string& why_and_next) {
    list_.push_back({code, what + where_ + ": " + why_and_next});
  }
  std::vector<Finding> take() { return std::move(list_); }

 private:
  std::string where_;
  std::vector<Finding> list_;
};

std::string text(std::optional<unsigned> number) { return number ? std::to_string(*number) : "?"; }
std::string watts(double value) { return std::to_string(std::lround(value)) + " W"; }
bool below(const std::optional<unsigned>& value, const std::optional<unsigned>& most) {
  return value && most && *value < *most;
}

void look_at_pcie(const Identity& id, Report& report) {
  if (below(id.pcie_generation, id.pcie_max_generation)) {
    report.add(
        "pcie_generation",
        "the PCIe link stands at generation " + text(id.pcie_generation) + " of " + text(id.pcie_max_generation),
        "an idle GPU lowers its link, so it may rise under load; if it does not, transfers are slower: look at it "
        "with `nvidia-smi -q` under load, then at the slot's setting in the firmware and at risers");
  }
  if (below(id.pcie_max_generation, id.pcie_gpu_generation)) {
    report.add(
        "pcie_slot",
        "the slot allows PCIe generation " + text(id.pcie_max_generation) + ", the GPU " + text(id.pcie_gpu_generation),
        "transfers are as fast as the slot: use another slot, or look at the slot's setting in the firmware");
  }
  if (below(id.pcie_width, id.pcie_max_width)) {
    report.add("pcie_width", "the PCIe link has " + text(id.pcie_width) + " of " + text(id.pcie_max_width) + " lanes",
               "lanes are not given up when idle, so some are not connected or failed: seat the board anew, and check "
               "the slot, the riser and how the mainboard shares lanes");
  }
}

void look_at_ecc(const Identity& id, Report& report) {
  if (id.ecc_current == false) {
    report.add("ecc_off", "ECC is off",
               "memory errors are neither corrected nor counted, and bandwidth may read higher than with it; next: "
               "`nvidia-smi -e 1` and a restart");
  }
  if (id.ecc_current && id.ecc_pending && *id.ecc_current != *id.ecc_pending) {
    report.add("ecc_pending",
               std::string("ECC is ") + (*id.ecc_current ? "on" : "off") + " and will be " +
                   (*id.ecc_pending ? "on" : "off") + " after a restart",
               "what is measured now is not what will run then; next: restart the machine, and measure again");
  }
  if (id.ecc_uncorrected.value_or(0) > 0) {
    report.add(
        "ecc_uncorrected", "ECC counts " + std::to_string(*id.ecc_uncorrected) + " uncorrected errors in its life",
        "the memory or its links failed at least once; next: see `nvidia-smi -q -d ECC,ROW_REMAPPER`, and ask the "
        "maker whether the part still counts as good");
  }
  if (id.retired_pending == true) {
    report.add("retired_pending", "memory pages wait to be retired",
               "they are still in use until the driver is loaded anew; next: restart the machine");
  }
  const auto retired = id.retired_single_bit.value_or(0) + id.retired_double_bit.value_or(0);
  if (retired > 0) {
    report.add("retired_pages", std::to_string(retired) + " memory pages are retired",
               "the memory had errors that stayed; next: compare with the maker's limit for replacement");
  }
  if (id.remap_failed == true) {
    report.add("remap_failed", "remapping of a memory row failed",
               "the spare rows of a bank are used up and errors stay; next: the part is to be exchanged");
  }
  if (id.remap_pending == true) {
    report.add("remap_pending", "a memory row waits to be remapped",
               "the faulty row is still in use; next: reset the GPU (`nvidia-smi --gpu-reset`) or restart the machine");
  }
  const auto remapped = std::uint64_t{id.remapped_corrected.value_or(0)} + id.remapped_uncorrected.value_or(0);
  if (remapped > 0) {
    report.add(
        "remapped_rows",
        std::to_string(remapped) + " memory rows are remapped, " + text(id.remapped_uncorrected) +
            " of them for uncorrected errors",
        "the memory had errors and works on spare rows; next: see `nvidia-smi -q -d ROW_REMAPPER`, and compare with "
        "the maker's limit for replacement");
  }
  if (id.inforom_corrupted) {
    report.add(
        "inforom", "the board's InfoROM is corrupted",
        "serial, ECC counts and settings in it cannot be believed; next: have its maker write it anew or exchange "
        "the board");
  }
}

void look_at_power_and_clocks(const Identity& id, Report& report) {
  if (id.power_limit_w && id.power_default_limit_w && *id.power_limit_w < *id.power_default_limit_w) {
    report.add(
        "power_limit",
        "the power limit is " + watts(*id.power_limit_w) + ", the part's default " + watts(*id.power_default_limit_w),
        "somebody lowered it, and clocks fall sooner under load; next: `nvidia-smi -pl " +
            std::to_string(std::lround(*id.power_default_limit_w)) + "`, or say the limit in the contract");
  }
  if (id.power_enforced_limit_w && id.power_limit_w && *id.power_enforced_limit_w < *id.power_limit_w) {
    report.add("power_enforced",
               "the driver enforces " + watts(*id.power_enforced_limit_w) + ", below the set limit of " +
                   watts(*id.power_limit_w),
               "the chassis or the power supply limits the part; next: look for a power cap of the chassis or its BMC");
  }
  const auto set = [](const auto& now, const auto& usual) { return now && usual && *now != *usual; };
  if (set(id.application_sm_mhz, id.default_application_sm_mhz) ||
      set(id.application_memory_mhz, id.default_application_memory_mhz)) {
    report.add("application_clocks",
               "application clocks are set to " + text(id.application_sm_mhz) + " MHz (memory " +
                   text(id.application_memory_mhz) + "), the part comes with " + text(id.default_application_sm_mhz) +
                   " (" + text(id.default_application_memory_mhz) + ")",
               "clocks under load are held there; next: `nvidia-smi -rac`");
  } else if ((id.clock_reasons.value_or(0) & kReasonApplicationClocks) != 0 &&
             below(id.application_sm_mhz, id.clock_max_sm_mhz)) {
    report.add(
        "application_clocks",
        "application clocks of " + text(id.application_sm_mhz) + " MHz hold the GPU below its " +
            text(id.clock_max_sm_mhz),
        "what is measured is not the part's highest clock; next: `nvidia-smi -rac`, or say the clock in the contract");
  }
  const auto reasons = id.clock_reasons.value_or(0);
  if (throttle_bits(reasons) != 0) {
    report.add("throttled_idle", "clocks are held back before any load: " + reason_names(reasons),
               "an idle part that throttles will do so under load; next: check cooling, power cables and the power "
               "supply's own warnings");
  }
  if (id.persistence == false) {
    report.add("persistence_off", "persistence mode is off",
               "without a client the driver lets the GPU go: the first use is slow and settings are lost; next: start "
               "nvidia-persistenced, or `nvidia-smi -pm 1`");
  }
}

void look_at_links(const Identity& id, Report& report) {
  unsigned active = 0;
  std::string down;
  for (const Link& link : id.links) {
    active += link.active ? 1 : 0;
    if (!link.active) down += (down.empty() ? "" : ", ") + std::to_string(link.number);
  }
  // No link up at all is a part that is not connected, which is right for a bridge that was not bought.
  if (id.link_count && *id.link_count > 0 && active < *id.link_count) {
    const std::string which = down.empty() ? "the driver says nothing of the others" : "down: " + down;
    report.add(
        "nvlink_down", std::to_string(active) + " of " + text(id.link_count) + " NVLinks are active (" + which + ")",
        active == 0 ? "transfers between GPUs go over PCIe; right for a board without a bridge, else check bridge, "
                      "fabric manager and `nvidia-smi nvlink -s`"
                    : "collectives lose their share of bandwidth; next: `nvidia-smi nvlink -s` and `-e`, `dmesg` "
                      "for XID 74, then reset the GPU or have the board or switch looked at");
  }
  if (!id.fabric || id.fabric->state == kFabricNotSupported) return;
  const Fabric& fabric = *id.fabric;
  if (fabric.state != kFabricCompleted) {
    report.add(
        "fabric", "the NVLink fabric is not set up: registration " + fabric_state_name(fabric.state),
        "CUDA or peer access over the switch does not start before it is; next: start nvidia-fabricmanager of the "
        "driver's version, and wait until `nvidia-smi -q` says Completed");
  } else if (fabric.status != kSuccess) {
    report.add("fabric", "the NVLink fabric's registration failed with " + name_of(fabric.status),
               "peers cannot be reached over the switch; next: read the log of nvidia-fabricmanager");
  }
  const auto bad = [&fabric](unsigned shift) { return fabric.health && (*fabric.health >> shift & 3U) == 1U; };
  constexpr std::array<std::pair<unsigned, const char*>, 4> kConditions{{
      {kHealthDegradedBandwidth, "bandwidth is degraded"},
      {kHealthRouteRecovery, "a route is being recovered"},
      {kHealthRouteUnhealthy, "a route is unhealthy"},
      {kHealthAccessTimeout, "accesses timed out and are being recovered"},
  }};
  for (const auto& [shift, words] : kConditions) {
    if (bad(shift))
      report.add("fabric_health", std::string("the NVLink fabric says that ") + words,
                 "collectives are slower or fail; next: read the log of nvidia-fabricmanager, and reset the fabric");
  }
}

void look_at_use(const Identity& id, Report& report) {
  if (id.others && !id.others->empty()) {
    std::string who;
    for (const Process& process : *id.others) {
      who += (who.empty() ? "" : ", ") + std::to_string(process.pid);
      if (!process.name.empty()) who += " " + process.name;
      if (process.memory_bytes) who += " (" + std::to_string(*process.memory_bytes >> 20) + " MiB)";
    }
    report.add("other_processes", "other processes hold the device: " + who,
               "they take memory and time from what is measured; next: end them, or have the node drained");
  }
  if (id.mig_enabled == true) {
    report.add(
        "mig",
        "MIG is on: what is measured is a slice, not the GPU" + (id.mig ? " (" + id.mig->uuid + ")" : std::string()),
        "its numbers are not the part's, and neighbours share memory channels' power and clocks; next: `nvidia-smi "
        "-mig 0` and a reset, or contract the slice");
  }
  if (id.mig_enabled && id.mig_pending && *id.mig_enabled != *id.mig_pending) {
    report.add("mig_pending", std::string("MIG will be ") + (*id.mig_pending ? "on" : "off") + " after a reset",
               "what is measured now is not what will run then; next: reset the GPU, and measure again");
  }
  if (id.compute_mode && *id.compute_mode != kComputeDefault) {
    report.add("compute_mode", "the compute mode is " + compute_mode_name(*id.compute_mode),
               *id.compute_mode == kComputeProhibited
                   ? "no process may compute on it; next: `nvidia-smi -c 0`"
                   : "one process at a time may use it, so that a second rank is refused; next: `nvidia-smi -c 0`");
  }
}

}  // namespace

std::vector<Finding> findings(const Identity& identity, const std::string& pci_address) {
  Report report(pci_address);
  look_at_pcie(identity, report);
  look_at_ecc(identity, report);
  look_at_power_and_clocks(identity, report);
  look_at_links(identity, report);
  look_at_use(identity, report);
  return report.take();
}

// NVIDIA's list of XIDs ("XID Errors", docs.nvidia.com/deploy/xid-errors), those that say something about the part.
Finding xid_finding(unsigned xid, const std::string& pci_address) {
  struct Known {
    unsigned xid;
    const char* words;
    const char* next;
  };
  constexpr std::array kKnown{
      Known{13, "a program's fault on the GPU", "run `geomsu conform`; if it stays, the part computes wrongly"},
      Known{31, "a memory page fault, mostly a program's", "run `geomsu conform`; if it stays, report it"},
      Known{48, "an uncorrectable ECC error", "reset the GPU, look at remapped rows, and do not accept it before"},
      Known{63, "a page or row was retired or remapped", "reset the GPU, and compare with the maker's limit"},
      Known{64, "retiring or remapping failed", "have the part exchanged"},
      Known{74, "an NVLink error", "look at `nvidia-smi nvlink -e`, the bridge or the switch"},
      Known{79, "the GPU has fallen off the bus", "check power, seating and cooling; restart the machine"},
      Known{92, "a high rate of corrected ECC errors", "watch the part; the maker's diagnostics decide"},
      Known{94, "a contained ECC error", "end the affected programs, reset the GPU"},
      Known{95, "an uncontained ECC error", "reset the GPU, and do not accept it before it stays away"},
      Known{119, "the GPU's system processor did not answer", "reset the GPU; update the driver"},
  };
  Report report(pci_address);
  const Known* known = nullptr;
  for (const Known& one : kKnown) {
    if (one.xid == xid) known = &one;
  }
  report.add("xid", "the driver reported XID " + std::to_string(xid),
             known == nullptr ? "look it up in NVIDIA's list of XIDs and in `dmesg`"
                              : std::string(known->words) + "; next: " + known->next + "; `dmesg` has its words");
  return report.take().front();
}

std::string reason_names(std::uint64_t reasons) {
  constexpr std::array<std::pair<std::uint64_t, const char*>, 9> kNames{{
      {kReasonIdle, "idle"},
      {kReasonApplicationClocks, "application clocks"},
      {kReasonSwPowerCap, "SW power cap"},
      {kReasonHwSlowdown, "HW slowdown"},
      {kReasonSyncBoost, "sync boost"},
      {kReasonSwThermal, "SW thermal slowdown"},
      {kReasonHwThermal, "HW thermal slowdown"},
      {kReasonHwPowerBrake, "HW power brake"},
      {kReasonDisplayClock, "display clocks"},
  }};
  std::string text;
  for (const auto& [bit, name] : kNames) {
    if ((reasons & bit) == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(name);
    reasons &= ~bit;
  }
  if (reasons != 0) text += (text.empty() ? "" : ", ") + std::string("another (bits ") + std::to_string(reasons) + ")";
  return text.empty() ? "none" : text;
}

std::string fabric_state_name(unsigned state) {
  constexpr std::array kNames{"not supported", "not started", "in progress", "completed"};
  return state < kNames.size() ? kNames[state] : "number " + std::to_string(state);
}

std::string compute_mode_name(unsigned mode) {
  constexpr std::array kNames{"default", "exclusive thread", "prohibited", "exclusive process"};
  return mode < kNames.size() ? kNames[mode] : "number " + std::to_string(mode);
}

}  // namespace geomsu::cuda::nvml
