#include "kernels/cuda/identity.hpp"

#include <algorithm>
#include <array>

#include <unistd.h>

namespace geomsu::cuda::nvml {
namespace {

// nvmlBrandType_t, by number.
constexpr std::array kBrands{"unknown",    "Quadro",     "Tesla",  "NVS",         "GRID",     "GeForce",
                             "Titan",      "vApps",      "vPC",    "vCS",         "vWS",      "cloud gaming",
                             "Quadro RTX", "NVIDIA RTX", "NVIDIA", "GeForce RTX", "Titan RTX"};
// nvmlDeviceArchitecture_t, by number; 1 is unused.
constexpr std::array kArchitectures{"",       "",       "Kepler", "Maxwell", "Pascal",   "Volta",
                                    "Turing", "Ampere", "Ada",    "Hopper",  "Blackwell"};

// Reasons are kept while it lives: a GPU that is lost midway leaves by an exception.
class Reasons {
 public:
  Reasons(Gpu& gpu, std::map<std::string, Status>& to) : gpu_(gpu) { gpu_.keep_reasons(&to); }
  ~Reasons() { gpu_.keep_reasons(nullptr); }
  Reasons(const Reasons&) = delete;
  Reasons& operator=(const Reasons&) = delete;

 private:
  Gpu& gpu_;
};

template <typename Names>
std::string name_in(const Names& names, std::optional<unsigned> number) {
  if (!number) return "";
  const bool known = *number < names.size() && *names[*number] != '\0';
  return known ? names[*number] : "number " + std::to_string(*number);
}

std::optional<double> watts(std::optional<unsigned> milliwatts) {
  if (!milliwatts) return std::nullopt;
  return *milliwatts / 1000.0;
}

std::optional<bool> flag(std::optional<unsigned> number) {
  if (!number) return std::nullopt;
  return *number != 0;
}

void read_power_and_clocks(const Gpu& gpu, Identity& to) {
  const Functions& f = gpu.functions();
  to.power_limit_w = watts(gpu.number(f.power_limit));
  to.power_default_limit_w = watts(gpu.number(f.power_default_limit));
  to.power_enforced_limit_w = watts(gpu.number(f.power_enforced_limit));
  unsigned least = 0, most = 0;
  if (gpu.ask(f.power_limit_range, &least, &most)) {
    to.power_min_limit_w = least / 1000.0;
    to.power_max_limit_w = most / 1000.0;
  }
  to.clock_max_sm_mhz = gpu.number(f.max_clock, kClockSm);
  to.clock_max_memory_mhz = gpu.number(f.max_clock, kClockMemory);
  // Application clocks are named by the graphics domain, which the SM clock follows.
  to.application_sm_mhz = gpu.number(f.application_clock, kClockGraphics);
  to.application_memory_mhz = gpu.number(f.application_clock, kClockMemory);
  to.default_application_sm_mhz = gpu.number(f.default_application_clock, kClockGraphics);
  to.default_application_memory_mhz = gpu.number(f.default_application_clock, kClockMemory);
  to.clock_reasons = clock_reasons(gpu);
}

void read_others(const Gpu& gpu, Identity& to) {
  const auto compute = processes(gpu, gpu.functions().compute_processes);
  const auto graphics = processes(gpu, gpu.functions().graphics_processes);
  if (!compute && !graphics) return;
  to.others.emplace();
  const auto own = static_cast<unsigned>(getpid());
  for (const auto* list : {&compute, &graphics}) {
    if (!*list) continue;
    for (const ProcessInfo& info : **list) {
      const auto seen = [&info](const Process& other) { return other.pid == info.pid; };
      if (info.pid == own || std::any_of(to.others->begin(), to.others->end(), seen)) continue;
      Process process{.pid = info.pid, .name = gpu.library().process_name(info.pid), .memory_bytes = {}};
      if (info.memory != ~0ULL) process.memory_bytes = info.memory;
      to.others->push_back(std::move(process));
    }
  }
}

}  // namespace

Identity identify(Gpu& gpu) {
  const Functions& f = gpu.functions();
  Identity to;
  const Reasons reasons(gpu, to.unanswered);
  to.name = gpu.text(f.name);
  to.uuid = gpu.text(f.uuid);
  to.serial = gpu.text(f.serial);
  to.part_number = gpu.text(f.part_number);
  to.vbios = gpu.text(f.vbios);
  to.inforom = gpu.text(f.inforom);
  to.driver = gpu.library().driver_version();
  to.brand = name_in(kBrands, gpu.number(f.brand));
  to.architecture = name_in(kArchitectures, gpu.number(f.architecture));
  gpu.ask(f.validate_inforom);
  to.inforom_corrupted = std::any_of(to.unanswered.begin(), to.unanswered.end(),
                                     [](const auto& answer) { return answer.second == kCorruptedInforom; });
  to.numa_node = gpu.number(f.numa_node);
  to.compute_mode = gpu.number(f.compute_mode);
  to.persistence = flag(gpu.number(f.persistence));
  Memory memory{};
  if (gpu.ask(f.memory, &memory)) to.memory_bytes = memory.total;
  unsigned current = 0, pending = 0;
  if (gpu.ask(f.ecc_mode, &current, &pending)) {
    to.ecc_current = current != 0;
    to.ecc_pending = pending != 0;
  }
  to.pcie_generation = gpu.number(f.pcie_generation);
  to.pcie_max_generation = gpu.number(f.pcie_max_generation);
  to.pcie_gpu_generation = gpu.number(f.pcie_gpu_generation);
  to.pcie_width = gpu.number(f.pcie_width);
  to.pcie_max_width = gpu.number(f.pcie_max_width);
  read_power_and_clocks(gpu, to);
  read_links(gpu, to);
  read_mig(gpu, to);
  read_faults(gpu, to);
  read_others(gpu, to);
  return to;
}

void read_faults(const Gpu& gpu, Identity& to) {
  const Functions& f = gpu.functions();
  to.retired_single_bit = retired_pages(gpu, kRetiredSingleBit);
  to.retired_double_bit = retired_pages(gpu, kRetiredDoubleBit);
  to.retired_pending = flag(gpu.number(f.retired_pending));
  unsigned corrected = 0, uncorrected = 0, pending = 0, failed = 0;
  if (gpu.ask(f.remapped_rows, &corrected, &uncorrected, &pending, &failed)) {
    to.remapped_corrected = corrected;
    to.remapped_uncorrected = uncorrected;
    to.remap_pending = pending != 0;
    to.remap_failed = failed != 0;
  }
  unsigned long long errors = 0;
  if (gpu.ask(f.ecc_errors, kCorrected, kAggregateEcc, &errors)) to.ecc_corrected = errors;
  if (gpu.ask(f.ecc_errors, kUncorrected, kAggregateEcc, &errors)) to.ecc_uncorrected = errors;
}

// Asked with no room: NVML answers how many there are, and INSUFFICIENT_SIZE where that is more than none.
std::optional<std::uint64_t> retired_pages(const Gpu& gpu, int cause) {
  const auto& function = gpu.functions().retired_pages;
  gpu.check_alive();
  unsigned count = 0;
  const Status status = function(gpu.handle(), cause, &count, static_cast<unsigned long long*>(nullptr));
  if (status != kInsufficientSize && !gpu.took(status, function.name)) return std::nullopt;
  return count;
}

std::optional<std::vector<ProcessInfo>> processes(const Gpu& gpu, const Functions::Processes& function) {
  gpu.check_alive();
  // Processes come and go between the calls: room is doubled as long as there is too little.
  for (unsigned room = 64; room <= 65536; room *= 2) {
    std::vector<ProcessInfo> list(room);
    unsigned count = room;
    const Status status = function(gpu.handle(), &count, list.data());
    if (status == kInsufficientSize) continue;
    if (!gpu.took(status, function.name)) return std::nullopt;
    list.resize(std::min(count, room));
    return list;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> clock_reasons(const Gpu& gpu) {
  unsigned long long bits = 0;
  const Functions& f = gpu.functions();
  const bool answered =
      f.clock_reasons.pointer != nullptr ? gpu.ask(f.clock_reasons, &bits) : gpu.ask(f.throttle_reasons, &bits);
  if (!answered) return std::nullopt;
  return bits;
}

}  // namespace geomsu::cuda::nvml
