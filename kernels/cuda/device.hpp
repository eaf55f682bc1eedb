// One open GPU: its context, its stream, its scratch for verification, and the one thread that talks to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include "harness/abi/plugin_executor.hpp"
#include "kernels/cuda/buffer.hpp"

namespace geomsu::cuda {

// What the runtime says of a device, read once.
struct Facts {
  int ordinal = 0;
  std::string name;
  int major = 0, minor = 0;  // compute capability
  int multiprocessors = 0;
  std::uint64_t memory_bytes = 0, l2_bytes = 0;
  std::string pci_address;  // "0000:17:00.0"
  std::string uuid;         // "GPU-...", "MIG-..." or without these: of the GPU or of the MIG instance; "" if unknown
};
Facts read_facts(int ordinal);

class Device {
 public:
  explicit Device(const Facts& facts);  // starts the thread, takes the context; Failure as check()
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const Facts& facts() const { return facts_; }
  plugin::Executor& executor() const { return *executor_; }

  // On the submission thread only.
  cudaStream_t stream() const { return stream_; }
  cublasLtHandle_t lt();             // made when first asked for
  std::uint64_t free_bytes() const;  // as the driver says now
  // Waits for `stream`; an error makes the device lost where it is sticky.
  void wait(cudaStream_t stream, const std::string& doing);
  // Scratch of `bytes` at least, kept for the next caller: device memory, outside timed blocks only.
  void* scratch(std::uint64_t bytes);

  // Throws DEVICE_LOST where the device was lost before. Any thread.
  void check_alive() const;
  void lose(const std::string& why);

 private:
  struct State;
  Facts facts_;
  std::unique_ptr<State> state_;
  std::unique_ptr<plugin::Executor> executor_;
  cudaStream_t stream_ = nullptr;
};

}  // namespace geomsu::cuda
