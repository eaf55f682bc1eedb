#include "tests/cuda_emulation/runtime/process.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include <dlfcn.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation {
namespace {

thread_local int t_device = 0;
std::atomic<bool> g_made = false;

// Ordinals of the node that CUDA_VISIBLE_DEVICES leaves, in its order: up to the first that is none, as CUDA does.
std::vector<int> visible(const Node& node) {
  std::vector<int> out;
  const char* const variable = std::getenv("CUDA_VISIBLE_DEVICES");
  if (variable == nullptr) {
    for (int i = 0; i < static_cast<int>(node.devices.size()); ++i) out.push_back(i);
    return out;
  }
  std::istringstream list(variable);
  for (std::string item; std::getline(list, item, ',');) {
    int ordinal = -1;
    if (item.starts_with("MIG-")) die("CUDA_VISIBLE_DEVICES=" + std::string(variable) + ": MIG is not emulated");
    if (item.starts_with("GPU-")) {
      for (int i = 0; i < static_cast<int>(node.devices.size()); ++i) {
        if (uuid_text(node.devices[static_cast<std::size_t>(i)].uuid).starts_with(item)) ordinal = i;
      }
    } else if (!item.empty() && item.find_first_not_of("0123456789") == std::string::npos) {
      ordinal = std::stoi(item);
    }
    if (ordinal < 0 || ordinal >= static_cast<int>(node.devices.size())) break;
    if (std::find(out.begin(), out.end(), ordinal) != out.end()) return {};  // named twice: CUDA shows none
    out.push_back(ordinal);
  }
  return out;
}

std::vector<Device> make_devices(const Configuration& configuration) {
  std::vector<Device> devices;
  for (const int ordinal : visible(configuration.node)) {
    Device device;
    device.facts = configuration.node.devices[static_cast<std::size_t>(ordinal)];
    device.node_ordinal = ordinal;
    device.random.seed(configuration.seed * 1000003 + static_cast<std::uint64_t>(ordinal));
    devices.push_back(std::move(device));
  }
  return devices;
}

// A planned fault of a function that is not there would never come.
void check_names(const Configuration& configuration) {
  Dl_info self{};
  dladdr(&geomsu_cuda_emulation_marker, &self);
  void* const library = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  for (const PlannedFault& fault : configuration.faults) {
    if (fault.function.starts_with("cuda") && library != nullptr && dlsym(library, fault.function.c_str()) == nullptr) {
      die(configuration.file + ": a fault is planned for " + fault.function + ", which CUDA's runtime does not have");
    }
  }
}

void on_segmentation_fault(int, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uint64_t>(info->si_addr);
  if (emulated_process().space().in_arena(address)) {
    die("the host reads or writes device memory at " + address_text(address) +
        "; next: copy it with cudaMemcpy, or pass the pointer to a kernel");
  }
  std::signal(SIGSEGV, SIG_DFL);  // the instruction is met again, and ends the process as it would without us
}

void watch_host_accesses() {
  struct sigaction before {};
  sigaction(SIGSEGV, nullptr, &before);
  if (before.sa_handler != SIG_DFL) return;  // somebody else's, who ends the process too
  struct sigaction ours {};
  ours.sa_sigaction = on_segmentation_fault;
  ours.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &ours, nullptr);
}

std::unique_ptr<Process> make_process() {
  try {
    auto process = std::make_unique<Process>(read_configuration(folder_of(&geomsu_cuda_emulation_marker)));
    check_names(process->configuration());
    watch_host_accesses();
    g_made = true;
    return process;
  } catch (const std::exception& error) {
    die(error.what());
  }
}

// NVML has a plan of its own.
std::vector<PlannedFault> of_the_runtime(std::vector<PlannedFault> faults) {
  std::erase_if(faults, [](const PlannedFault& fault) { return fault.function.starts_with("nvml"); });
  return faults;
}

}  // namespace

Process::Process(Configuration configuration)
    : configuration_(std::move(configuration)),
      faults_(of_the_runtime(configuration_.faults)),
      devices_(make_devices(configuration_)),
      space_(static_cast<int>(devices_.size())) {}

bool Process::can_reach(int ordinal, int other) const {
  const Device& from = devices_[static_cast<std::size_t>(ordinal)];
  const int wanted = devices_[static_cast<std::size_t>(other)].node_ordinal;
  return std::find(from.facts.peers.begin(), from.facts.peers.end(), wanted) != from.facts.peers.end();
}

Process& emulated_process() {
  static Process& process = *make_process().release();
  return process;
}

bool has_emulated_process() { return g_made; }

int current_device() { return t_device; }
int exchange_current_device(int ordinal) { return std::exchange(t_device, ordinal); }

}  // namespace geomsu::emulation
