#include "tests/cuda_emulation/nvml/machine.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include <dlfcn.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation::nvml {
namespace {

const char kOwnSymbol = 0;

Configuration configuration_here() {
  try {
    return read_configuration(folder_of(&kOwnSymbol));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "CUDA emulation: NVML: %s\n", error.what());
    std::abort();
  }
}

NvmlFacts facts_of(const Configuration& configuration) {
  try {
    return read_facts(configuration);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "CUDA emulation: NVML: %s\n", error.what());
    std::abort();
  }
}

std::vector<PlannedFault> planned(const Configuration& configuration, const NvmlFacts& facts) {
  std::vector<PlannedFault> out = facts.node.faults;
  for (const PlannedFault& fault : configuration.faults) {
    if (fault.function.starts_with("nvml")) out.push_back(fault);
  }
  return out;
}

// The runtime's marker: loaded by the plug-in's needs, so that its symbols are not in the global scope.
const geomsu_cuda_emulation* marker() {
  constexpr const char* kName = "geomsu_cuda_emulation_marker";
  if (void* runtime = dlopen("libcudart.so.13", RTLD_LAZY | RTLD_NOLOAD)) {
    const void* found = dlsym(runtime, kName);
    dlclose(runtime);
    if (found != nullptr) return static_cast<const geomsu_cuda_emulation*>(found);
  }
  return static_cast<const geomsu_cuda_emulation*>(dlsym(RTLD_DEFAULT, kName));
}

}  // namespace

Machine& Machine::get() {
  static Machine machine;
  return machine;
}

Machine::Machine()
    : configuration_(configuration_here()), facts_(facts_of(configuration_)), plan_(planned(configuration_, facts_)) {
  const auto count = configuration_.node.devices.size();
  calls_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    targets_.push_back(
        std::make_unique<Target>(Target{i, &configuration_.node.devices[i], &facts_.devices[i], nullptr}));
    device_plans_.push_back(std::make_unique<FaultPlan>(facts_.devices[i].faults));
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (const MigFacts& mig : facts_.devices[i].mig_instances)
      targets_.push_back(std::make_unique<Target>(Target{i, targets_[i]->node, targets_[i]->facts, &mig}));
  }
}

Machine::~Machine() {
  for (const std::string& fault : plan_.not_met())
    std::fprintf(stderr, "CUDA emulation: a planned fault never came: %s\n", fault.c_str());
  if (!configuration_.calls.empty()) plan_.append_calls(configuration_.calls);
}

Status Machine::init(const char* function) {
  if (const int fault = plan_.next(function, -1)) return fault;
  ++initialized_;
  return cuda::nvml::kSuccess;
}

Status Machine::shutdown(const char* function) {
  const Status status = enter(function);
  if (status == cuda::nvml::kSuccess) --initialized_;
  return status;
}

Status Machine::enter(const char* function) {
  if (initialized_ == 0) return cuda::nvml::kUninitialized;
  return plan_.next(function, -1);
}

Status Machine::enter(const char* function, Handle handle, Target** target) {
  if (initialized_ == 0) return cuda::nvml::kUninitialized;
  for (const auto& known : targets_) {
    if (reinterpret_cast<Handle>(known.get()) != handle) continue;
    *target = known.get();
    const std::size_t ordinal = known->ordinal;
    const auto lost_after = known->facts->lost_after;
    if (++calls_[ordinal] > lost_after.value_or(~0ULL)) return cuda::nvml::kGpuIsLost;
    if (const int fault = plan_.next(function, static_cast<int>(ordinal))) return fault;
    return device_plans_[ordinal]->next(function, static_cast<int>(ordinal));
  }
  return cuda::nvml::kInvalidArgument;
}

Handle Machine::handle_of(std::size_t ordinal) { return reinterpret_cast<Handle>(targets_[ordinal].get()); }

Handle Machine::handle_of_mig(std::size_t ordinal, std::size_t instance) {
  for (std::size_t i = devices(); i < targets_.size(); ++i) {
    if (targets_[i]->ordinal == ordinal && targets_[i]->mig == &facts_.devices[ordinal].mig_instances[instance])
      return reinterpret_cast<Handle>(targets_[i].get());
  }
  return nullptr;
}

Status Machine::number(Target& target, const char* key, double* out) {
  const auto found = target.facts->numbers.find(key);
  if (found == target.facts->numbers.end()) return cuda::nvml::kNotSupported;
  *out = found->second.read(now_s());
  return cuda::nvml::kSuccess;
}

double Machine::now_s() {
  const geomsu_cuda_emulation* found = marker();  // anew each time: the runtime may be loaded after NVML
  return found == nullptr ? 0 : static_cast<double>(found->now_ns()) * 1e-9;
}

}  // namespace geomsu::emulation::nvml
