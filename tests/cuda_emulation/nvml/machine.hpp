// The emulated NVML's state: who was initialised, which handle is what, what is to fail and when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "kernels/cuda/nvml_abi.hpp"
#include "tests/cuda_emulation/configuration.hpp"
#include "tests/cuda_emulation/fault_plan.hpp"
#include "tests/cuda_emulation/nvml/facts.hpp"

namespace geomsu::emulation::nvml {

using cuda::nvml::Handle;
using cuda::nvml::Status;

// What a handle stands for: a GPU, or a MIG instance of it.
struct Target {
  std::size_t ordinal = 0;
  const NodeDevice* node = nullptr;
  DeviceFacts* facts = nullptr;
  const MigFacts* mig = nullptr;
};

class Machine {
 public:
  // Read at the first call, in words of its own and ended where that fails.
  static Machine& get();
  ~Machine();  // says which planned faults never came, and appends its calls where the configuration wants that
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Every call begins with one of these; anything but kSuccess is its answer. The lock is held while a call lasts.
  Status enter(const char* function);
  Status enter(const char* function, Handle handle, Target** target);

  Status init(const char* function);
  Status shutdown(const char* function);

  Handle handle_of(std::size_t ordinal);
  Handle handle_of_mig(std::size_t ordinal, std::size_t instance);
  std::size_t devices() const { return configuration_.node.devices.size(); }
  const Configuration& configuration() const { return configuration_; }
  const NvmlFacts& facts() const { return facts_; }
  Target& target(std::size_t index) { return *targets_[index]; }

  // NOT_SUPPORTED where the device has no such fact.
  Status number(Target& target, const char* key, double* out);
  double now_s();

  struct Events {  // of one set
    std::optional<std::size_t> ordinal;
    std::uint64_t waits = 0;
    std::size_t given = 0;
  };
  std::vector<std::unique_ptr<Events>> event_sets;
  std::recursive_mutex mutex;

 private:
  Machine();

  Configuration configuration_;
  NvmlFacts facts_;
  std::vector<std::unique_ptr<Target>> targets_;  // GPUs by ordinal, then MIG instances
  std::vector<std::uint64_t> calls_;              // by ordinal
  FaultPlan plan_;
  std::vector<std::unique_ptr<FaultPlan>> device_plans_;
  int initialized_ = 0;
};

}  // namespace geomsu::emulation::nvml
