// Launching kernels, and what can be asked of one.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <cuda_runtime_api.h>

#include "tests/cuda_emulation/runtime/capability.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"
#include "tests/cuda_emulation/runtime/entry.hpp"
#include "tests/cuda_emulation/runtime/fat_binary.hpp"
#include "tests/cuda_emulation/runtime/process.hpp"
#include "tests/cuda_emulation/runtime/stream.hpp"

namespace geomsu::emulation {
namespace {

constexpr std::uint64_t kClockPerNs = 2;  // multiprocessor cycles

// Memory and time as a kernel of `device` sees them.
class KernelWorld final : public ptx::World {
 public:
  explicit KernelWorld(int device) : device_(device) {}

  Window window(std::uint64_t address, std::uint32_t bytes, bool write) override {
    const auto fault = [&](const std::string& why) {
      return ptx::Fault(std::string(write ? "write" : "read") + " of " + std::to_string(bytes) + " bytes at " +
                        address_text(address) + ": " + why);
    };
    AddressSpace& space = emulated_process().space();
    Range range;
    if (!space.find(address, range)) {
      if (!space.in_arena(address)) throw fault("not memory that a device can reach");
      const bool behind = space.before(address, range);
      throw fault("outside every live allocation" +
                  (behind ? "; the last before it has " + std::to_string(range.last - range.first) + " bytes at " +
                                address_text(range.first)
                          : std::string()));
    }
    if (bytes > range.last - address) {
      throw fault("runs past an allocation of " + std::to_string(range.last - range.first) + " bytes");
    }
    if (!range.pinned && !space.is_open(device_, range.device)) {
      throw fault("memory of device " + std::to_string(range.device) + ", to which device " + std::to_string(device_) +
                  " has no peer access");
    }
    return {range.first, range.last, range.alias, range.written};
  }
  std::uint64_t globaltimer_ns() override { return look_at_clock(); }
  std::uint64_t clock() override { return look_at_clock() * kClockPerNs; }

 private:
  int device_;
};

int capability_of(const Device& device) { return 10 * device.facts.major + device.facts.minor; }

struct Found {
  const ptx::Module* module = nullptr;
  const ptx::KernelFacts* facts = nullptr;
};

cudaError_t find_on_device(const Kernel& kernel, Found& out) {
  out.module = kernel.binary->module_for(capability_of(emulated_process().device(current_device())));
  if (out.module == nullptr) return cudaErrorNoKernelImageForDevice;
  out.facts = ptx::find(*out.module, kernel.name);
  return out.facts == nullptr ? cudaErrorInvalidDeviceFunction : cudaSuccess;
}

std::uint64_t most_dynamic_shared(const Kernel& kernel, const ptx::KernelFacts& facts) {
  constexpr std::uint64_t kUnasked = 48U << 10U;
  const auto set = kernel.most_dynamic_shared.find(current_device());
  if (set != kernel.most_dynamic_shared.end()) return static_cast<std::uint64_t>(set->second);
  return kUnasked - std::min<std::uint64_t>(kUnasked, facts.static_shared_bytes);
}

// What the driver refuses before anything runs. CUDA's manual does not say which error comes for a block above
// .maxntid; cudaErrorLaunchOutOfResources' text fits best.
cudaError_t check_configuration(const Kernel& kernel, const ptx::KernelFacts& facts, dim3 grid, dim3 block,
                                std::size_t shared_bytes) {
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  if (threads == 0 || grid.x == 0 || grid.y == 0 || grid.z == 0) return cudaErrorInvalidConfiguration;
  if (block.x > 1024 || block.y > 1024 || block.z > 64 || threads > 1024) return cudaErrorInvalidConfiguration;
  if (grid.x > 0x7fffffffU || grid.y > 65535 || grid.z > 65535) return cudaErrorInvalidConfiguration;
  if (facts.max_threads != 0 && threads > facts.max_threads) return cudaErrorLaunchOutOfResources;
  return shared_bytes > most_dynamic_shared(kernel, facts) ? cudaErrorInvalidValue : cudaSuccess;
}

// Packed as the kernel's offsets say. `host`: an argument is an address of pinned memory, through which the host may
// still have to let the kernel go on.
std::vector<std::byte> packed(const ptx::KernelFacts& facts, void** arguments, bool& host) {
  std::vector<std::byte> out(facts.parameter_bytes);
  for (std::size_t i = 0; i < facts.parameters.size(); ++i) {
    const ptx::Parameter& parameter = facts.parameters[i];
    std::memcpy(out.data() + parameter.offset, arguments[i], parameter.bytes);
    for (std::uint32_t at = 0; at + 8 <= parameter.bytes; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, out.data() + parameter.offset + at, sizeof word);
      Range range;
      host = host || (emulated_process().space().find(word, range) && range.pinned);
    }
  }
  return out;
}

cudaError_t launch(Lock& lock, const Kernel& kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared_bytes,
                   cudaStream_t handle) {
  Stream* const stream = stream_of(handle, kernel.name.c_str());
  if (stream == nullptr || stream->device != current_device()) return cudaErrorInvalidResourceHandle;
  Found found;
  if (const cudaError_t status = find_on_device(kernel, found); status != cudaSuccess) return status;
  const cudaError_t status = check_configuration(kernel, *found.facts, grid, block, shared_bytes);
  if (status != cudaSuccess) return status;
  const Configuration& configuration = emulated_process().configuration();
  bool host = false;
  const auto run = [module = found.module, name = kernel.name, grid, block, device = stream->device,
                    shared = static_cast<std::uint32_t>(shared_bytes),
                    parameters = packed(*found.facts, arguments, host), seed = configuration.seed,
                    shuffle = configuration.order == Order::kRandom, spin_limit = configuration.spin_limit] {
    KernelWorld world(device);
    ptx::Launch call;
    call.kernel = name;
    call.grid = {grid.x, grid.y, grid.z};
    call.block = {block.x, block.y, block.z};
    call.dynamic_shared_bytes = shared;
    call.parameters = parameters;
    call.seed = seed + 0x9e3779b97f4a7c15U * running_operation()->number;
    call.shuffle = shuffle;
    call.most_instructions = spin_limit;
    ptx::run(*module, call, world);
  };
  put(lock, *stream, {"kernel " + kernel.name, configuration.node.pace.launch_ns, run, !host});
  return cudaSuccess;
}

struct Call {
  dim3 grid, block;
  std::size_t shared_bytes = 0;
  cudaStream_t stream = nullptr;
};
thread_local std::vector<Call> t_calls;

cudaError_t set_attribute(const void* function, cudaFuncAttribute attribute, int value) {
  Kernel* const kernel = kernel_of(function);
  if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
  Found found;
  if (const cudaError_t status = find_on_device(*kernel, found); status != cudaSuccess) return status;
  if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) {
    return value >= -1 && value <= 100 ? cudaSuccess : cudaErrorInvalidValue;
  }
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) {
    die("cudaFuncSetAttribute: attribute " + std::to_string(attribute) + " is not emulated");
  }
  const auto most = limits_of(capability_of(emulated_process().device(current_device()))).shared_opt_in;
  if (value < 0 || static_cast<std::uint64_t>(value) + found.facts->static_shared_bytes > most) {
    return cudaErrorInvalidValue;
  }
  kernel->most_dynamic_shared[current_device()] = value;
  return cudaSuccess;
}

cudaError_t get_attributes(cudaFuncAttributes* out, const void* function) {
  Kernel* const kernel = kernel_of(function);
  if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
  Found found;
  if (const cudaError_t status = find_on_device(*kernel, found); status != cudaSuccess) return status;
  *out = {};  // registers and local memory are ptxas's doing, which is not here: 0
  out->sharedSizeBytes = found.facts->static_shared_bytes;
  out->maxThreadsPerBlock = found.facts->max_threads != 0 ? static_cast<int>(found.facts->max_threads) : 1024;
  out->maxDynamicSharedSizeBytes = static_cast<int>(most_dynamic_shared(*kernel, *found.facts));
  out->preferredShmemCarveout = -1;
  out->ptxVersion = out->binaryVersion = capability_of(emulated_process().device(current_device()));
  return cudaSuccess;
}

// By threads, blocks and shared memory; registers are not known here.
cudaError_t occupancy(int* blocks, const void* function, int block_size, std::size_t dynamic_shared) {
  const Kernel* const kernel = kernel_of(function);
  if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
  Found found;
  if (const cudaError_t status = find_on_device(*kernel, found); status != cudaSuccess) return status;
  if (blocks == nullptr || block_size <= 0) return cudaErrorInvalidValue;
  const Limits limits = limits_of(capability_of(emulated_process().device(current_device())));
  const std::uint64_t threads = (static_cast<std::uint64_t>(block_size) + 31) / 32 * 32;
  std::uint64_t fit = std::min<std::uint64_t>(limits.blocks, limits.threads / threads);
  constexpr std::uint64_t kReserved = 1024;  // of a block, by the system
  fit = std::min(fit, limits.shared / (found.facts->static_shared_bytes + dynamic_shared + kReserved));
  *blocks = block_size > 1024 ? 0 : static_cast<int>(fit);
  return cudaSuccess;
}

}  // namespace
}  // namespace geomsu::emulation

using namespace geomsu::emulation;  // NOLINT: entry points of CUDA stand outside any namespace

extern "C" {

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream) {
  t_calls.push_back({grid, block, shared_bytes, stream});
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, std::size_t* shared_bytes, void* stream) {
  if (t_calls.empty()) return cudaErrorMissingConfiguration;
  const Call call = t_calls.back();
  t_calls.pop_back();
  *grid = call.grid;
  *block = call.block;
  *shared_bytes = call.shared_bytes;
  *static_cast<cudaStream_t*>(stream) = call.stream;
  return cudaSuccess;
}

// No entry of its own in the fault plan: `<<<>>>` is one launch.
cudaError_t __cudaGetKernel(cudaKernel_t* out, const void* function) {
  const Lock lock(emulated_process().mutex());
  Kernel* const kernel = kernel_of(function);
  if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
  *out = reinterpret_cast<cudaKernel_t>(kernel);
  return cudaSuccess;
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared_bytes,
                               cudaStream_t stream) {
  return enter("cudaLaunchKernel", Needs::kContext, [&](Lock& lock) {
    return launch(lock, *reinterpret_cast<const Kernel*>(kernel), grid, block, arguments, shared_bytes, stream);
  });
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments, std::size_t shared_bytes,
                             cudaStream_t stream) {
  return enter("cudaLaunchKernel", Needs::kContext, [&](Lock& lock) {
    const Kernel* const kernel = kernel_of(function);
    if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    return launch(lock, *kernel, grid, block, arguments, shared_bytes, stream);
  });
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* function, void** arguments) {
  if (config->numAttrs != 0) die("cudaLaunchKernelEx: launch attributes are not emulated");
  return cudaLaunchKernel(function, config->gridDim, config->blockDim, arguments, config->dynamicSmemBytes,
                          config->stream);
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  return enter("cudaFuncSetAttribute", Needs::kContext,
               [&](Lock&) { return set_attribute(function, attribute, value); });
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* out, const void* function) {
  return enter("cudaFuncGetAttributes", Needs::kContext, [&](Lock&) { return get_attributes(out, function); });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function, int block_size,
                                                          std::size_t dynamic_shared) {
  return enter("cudaOccupancyMaxActiveBlocksPerMultiprocessor", Needs::kContext,
               [&](Lock&) { return occupancy(blocks, function, block_size, dynamic_shared); });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* function, int block_size,
                                                                   std::size_t dynamic_shared, unsigned) {
  return enter("cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", Needs::kContext,
               [&](Lock&) { return occupancy(blocks, function, block_size, dynamic_shared); });
}

}  // extern "C"
