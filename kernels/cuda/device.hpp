// One open GPU: its context, its stream, its clock, its scratch for verification, and the one thread that talks to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include "harness/abi/plugin_executor.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/clock.hpp"

namespace geomsu::cuda {

// What the runtime says of a device, read once.
struct Facts {
  int ordinal = 0;
  std::string name;
  int major = 0, minor = 0;  // compute capability
  int multiprocessors = 0;
  std::uint64_t memory_bytes = 0, l2_bytes = 0;
  std::string pci_address;  // "0000:17:00.0"
  std::string words() const { return "device " + std::to_string(ordinal) + ", " + name + " at " + pci_address; }
  std::string uuid;  // "GPU-...", "MIG-..." or without these: of the GPU or of the MIG instance; "" if unknown
};
Facts read_facts(int ordinal);

class Device {
 public:
  static constexpr std::uint64_t kEnds = 64;  // ends of single repeats that a block keeps, at most

  explicit Device(Facts facts);  // starts the thread, takes the context; Failure as check()
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const Facts& facts() const { return facts_; }
  // Words behind those of a failure; set before the first call, must not throw.
  void add_to_failures(std::function<std::string()> words) { more_words_ = std::move(words); }
  plugin::Executor& executor() { return executor_; }

  // Runs `work` on the submission thread and waits for it. DEVICE_LOST is sticky: a device that was lost once answers
  // so ever after, without being asked.
  void call(const std::function<void()>& work);
  // The same for who is on the submission thread already.
  void guarded(const std::function<void()>& work);

  // On the submission thread only.
  cudaStream_t stream() const { return stream_; }
  cublasLtHandle_t lt();             // made when first asked for
  std::uint64_t free_bytes() const;  // as the driver says now
  void wait(const char* doing);      // for stream()
  // Waits for what a failure left in stream(), whose memory is given back next: the peer's and the host's pageable
  // memory is freed without waiting for this device.
  void drain() noexcept;
  Clock& clock() { return *clock_; }
  // Device memory of `bytes` at least, kept for the next caller: for verification, outside timed blocks only.
  void* scratch(std::uint64_t bytes);
  std::vector<TimedEvent>& ends() { return ends_; }  // of single repeats, made beforehand
  TimedEvent& begin() { return begin_[0]; }
  TimedEvent& end() { return begin_[1]; }
  PinnedBuffer& gate() { return gate_; }  // the word that a held stream looks at

 private:
  void start();
  void stop() noexcept;
  void check_alive() const;
  // Runs it; what check() throws gets the device's words, and a loss is kept.
  void with_words(const std::function<void()>& work);

  Facts facts_;
  std::function<std::string()> more_words_;
  mutable std::mutex mutex_;
  std::string lost_;  // why; empty while it is there
  cudaStream_t stream_ = nullptr;
  cublasLtHandle_t lt_ = nullptr;
  std::unique_ptr<Clock> clock_;
  std::vector<TimedEvent> begin_, ends_;
  PinnedBuffer gate_;
  DeviceBuffer scratch_;
  plugin::Executor executor_;  // last: its thread uses the rest
};

}  // namespace geomsu::cuda
