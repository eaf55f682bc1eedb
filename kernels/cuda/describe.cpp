#include "kernels/cuda/describe.hpp"

#include <cmath>
#include <optional>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/health.hpp"
#include "kernels/cuda/telemetry.hpp"

namespace geomsu::cuda {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

class Adder {
 public:
  explicit Adder(Attributes& to) : to_(to) {}
  void operator()(const char* key, const std::string& value) {
    if (!value.empty()) to_.emplace_back(key, value);
  }
  template <typename T>
  void number(const char* key, const std::optional<T>& value) {
    if (value) to_.emplace_back(key, std::to_string(*value));
  }
  void watts(const char* key, const std::optional<double>& value) {
    if (value) to_.emplace_back(key, std::to_string(std::lround(*value)));
  }
  void flag(const char* key, const std::optional<bool>& value) {
    if (value) to_.emplace_back(key, *value ? "on" : "off");
  }

 private:
  Attributes& to_;
};

// NVML_NVLINK_VERSION_* of its reference: numbers that are no versions.
std::string link_version(unsigned number) {
  constexpr std::array kNames{"", "1.0", "2.0", "2.2", "3.0", "3.1", "4.0", "5.0"};
  return number > 0 && number < kNames.size() ? kNames[number] : "number " + std::to_string(number);
}

void add_links(const nvml::Identity& id, Adder& add) {
  add.number("nvlink.links", id.link_count);
  if (id.links.empty()) return;
  unsigned active = 0;
  std::string remotes, versions, speeds;
  const auto once = [](std::string& list, const std::string& item) {
    if (("," + list + ",").find("," + item + ",") == std::string::npos) list += (list.empty() ? "" : ",") + item;
  };
  for (const nvml::Link& link : id.links) {
    if (link.version) once(versions, link_version(*link.version));
    if (!link.active) continue;
    ++active;
    if (link.mbps) once(speeds, std::to_string(*link.mbps));
    if (!link.remote.empty())
      remotes += (remotes.empty() ? "" : "; ") + std::to_string(link.number) + ": " + link.remote;
  }
  add("nvlink.active", std::to_string(active));
  add("nvlink.version", versions);
  add("nvlink.mb_per_s", speeds);  // of one link, each direction
  add("nvlink.remotes", remotes);
}

}  // namespace

nvml::Place place_of(const Facts& facts) { return {.pci_address = facts.pci_address, .uuid = facts.uuid}; }

Attributes attributes_of(const nvml::Identity& id) {
  Attributes list;
  Adder add(list);
  add("part_number", id.part_number);
  add("brand", id.brand);
  add("architecture", id.architecture);
  add("vbios", id.vbios);
  add("inforom", id.inforom);
  add.number("numa_node", id.numa_node);
  add.flag("persistence", id.persistence);
  if (id.compute_mode) add("compute_mode", nvml::compute_mode_name(*id.compute_mode));
  add.number("pcie.max_generation", id.pcie_max_generation);
  add.number("pcie.gpu_generation", id.pcie_gpu_generation);
  add.number("pcie.max_width", id.pcie_max_width);
  add.watts("power.limit_w", id.power_limit_w);
  add.watts("power.default_limit_w", id.power_default_limit_w);
  add.watts("power.min_limit_w", id.power_min_limit_w);
  add.watts("power.max_limit_w", id.power_max_limit_w);
  add.watts("power.enforced_limit_w", id.power_enforced_limit_w);
  add.number("clock.max_sm_mhz", id.clock_max_sm_mhz);
  add.number("clock.max_memory_mhz", id.clock_max_memory_mhz);
  add.number("clock.application_sm_mhz", id.application_sm_mhz);
  if (id.clock_reasons) add("clock.reasons", nvml::reason_names(*id.clock_reasons));
  add.flag("ecc.mode", id.ecc_current);
  add.flag("ecc.pending", id.ecc_pending);
  add.number("ecc.corrected", id.ecc_corrected);
  add.number("ecc.uncorrected", id.ecc_uncorrected);
  add.number("memory.retired_single_bit", id.retired_single_bit);
  add.number("memory.retired_double_bit", id.retired_double_bit);
  add.number("memory.remapped_corrected", id.remapped_corrected);
  add.number("memory.remapped_uncorrected", id.remapped_uncorrected);
  add_links(id, add);
  if (id.fabric && id.fabric->state != nvml::kFabricNotSupported) {
    add("fabric.state", nvml::fabric_state_name(id.fabric->state));
    add("fabric.cluster", id.fabric->cluster);
    add("fabric.clique", std::to_string(id.fabric->clique));
  }
  add.flag("mig.mode", id.mig_enabled);
  add.number("mig.instances", id.mig_instances);
  std::string unanswered;
  for (const auto& [function, status] : id.unanswered)
    unanswered += (unanswered.empty() ? "" : "; ") + function + ": " + nvml::name_of(status);
  add("nvml.unanswered", unanswered);
  return list;
}

std::string partition_of(const nvml::Identity& id) {
  if (id.mig_enabled != true) return "";
  if (!id.mig) {
    return "a MIG instance, one of " + (id.mig_instances ? std::to_string(*id.mig_instances) : "several") +
           "; which one cannot be said";
  }
  std::string text = "MIG instance " + (id.mig->uuid.empty() ? "without a uuid" : id.mig->uuid);
  if (id.mig->gpu_instance) text += ", GPU instance " + std::to_string(*id.mig->gpu_instance);
  if (id.mig->compute_instance) text += ", compute instance " + std::to_string(*id.mig->compute_instance);
  if (id.mig->attributes) {
    text += ", " + std::to_string(id.mig->attributes->multiprocessors) + " multiprocessors, " +
            std::to_string(id.mig->attributes->memory_mib) + " MiB";
  }
  return text;
}

Description::Description(const Facts& facts, const std::shared_ptr<const nvml::Library>& library,
                         const std::vector<std::pair<std::string, std::string>>& more) {
  take(facts);
  attributes_.insert(attributes_.end(), more.begin(), more.end());
  try {
    nvml::Gpu gpu(library, place_of(facts));
    const nvml::Identity id = nvml::identify(gpu);
    if (name_.empty()) name_ = id.name;  // the runtime's name says a MIG profile too
    if (!id.uuid.empty()) uuid_ = id.uuid;
    serial_ = id.serial;
    driver_ = id.driver;
    firmware_ = id.vbios;
    partition_ = partition_of(id);
    // A slice is accepted as the slice: its own uuid and memory, the GPU's serial.
    if (id.mig && !id.mig->uuid.empty()) uuid_ = id.mig->uuid;
    if (id.memory_bytes && id.mig_enabled != true) memory_bytes_ = *id.memory_bytes;
    pcie_generation_ = id.pcie_generation ? *id.pcie_generation : GEOMSU_UNKNOWN;
    pcie_width_ = id.pcie_width ? *id.pcie_width : GEOMSU_UNKNOWN;
    const auto list = attributes_of(id);
    attributes_.insert(attributes_.end(), list.begin(), list.end());
    for (const nvml::Finding& finding : nvml::findings(id, facts.pci_address))
      attributes_.emplace_back("finding." + finding.code, finding.words);
    const nvml::TelemetrySource telemetry(library, place_of(facts), nvml::default_sampling());
    add("telemetry.absent", telemetry.absent());
  } catch (const plugin::Failure& failure) {
    if (failure.code() == GEOMSU_DEVICE_LOST) throw;
    add("finding.nvml", std::string(failure.what()) +
                            "; until then serial, power, clocks, temperatures, throttling and errors are unknown");
  }
  for (const auto& [key, value] : attributes_) pointers_.push_back({key.c_str(), value.c_str()});
}

void Description::take(const Facts& facts) {
  name_ = facts.name;
  uuid_ = facts.uuid;
  pci_address_ = facts.pci_address;
  if (facts.memory_bytes != 0) memory_bytes_ = facts.memory_bytes;
  add("compute_capability", std::to_string(facts.major) + "." + std::to_string(facts.minor));
  add("multiprocessors", std::to_string(facts.multiprocessors));
  if (facts.l2_bytes != 0) add("l2_bytes", std::to_string(facts.l2_bytes));
}

void Description::add(const char* key, std::string value) {
  if (!value.empty()) attributes_.emplace_back(key, std::move(value));
}

void Description::put(geomsu_description& to) const {
  const auto text = [](const std::string& value) { return value.empty() ? nullptr : value.c_str(); };
  to.name = name_.c_str();
  to.vendor = "NVIDIA";
  to.uuid = text(uuid_);
  to.serial = text(serial_);
  to.pci_address = text(pci_address_);
  to.driver = text(driver_);
  to.firmware = text(firmware_);
  to.partition = text(partition_);
  to.memory_bytes = memory_bytes_;
  to.pcie_generation = pcie_generation_;
  to.pcie_width = pcie_width_;
  to.attributes = pointers_.data();
  to.attribute_count = pointers_.size();
}

}  // namespace geomsu::cuda
