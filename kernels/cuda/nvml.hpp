// libnvidia-ml.so.1, loaded when the plug-in starts; no GPU, no driver and no NVML are answers here, not faults.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "kernels/cuda/nvml_functions.hpp"

namespace geomsu::cuda::nvml {

// "nvmlInit_v2 answered NVML_ERROR_DRIVER_NOT_LOADED (9): the kernel module of the NVIDIA driver is not loaded; next:
// ...". `where` names the device, "" where there is none.
std::string words_of(Status status, const std::string& function, const std::string& where);
// The name alone: "NVML_ERROR_GPU_IS_LOST"; "NVML status 1234" for one that we do not know.
std::string name_of(Status status);
// The code of the plug-in's ABI: DEVICE_LOST, OUT_OF_MEMORY, TIMEOUT, UNSUPPORTED or INTERNAL.
std::uint32_t code_of(Status status);
// Whether the device answers no more until it is reset or the machine restarted.
constexpr bool is_lost(Status status) { return status == kGpuIsLost || status == kResetRequired; }

// The library. Making one does not throw: `why()` says why it cannot be asked. Thread-safe, as NVML is.
class Library {
 public:
  explicit Library(const std::string& path = "libnvidia-ml.so.1");
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  bool available() const { return why_.empty(); }
  const std::string& why() const { return why_; }  // "" where it is available
  const Functions& functions() const { return functions_; }
  std::string driver_version() const;  // "" where it cannot be read
  std::string process_name(unsigned pid) const;

 private:
  std::string path_;
  void* handle_;
  Functions functions_;
  std::string why_;
  bool initialized_ = false;
};

// Where a device is looked for. `uuid` as the runtime gives it, with or without "GPU-" or "MIG-"; "" where unknown.
struct Place {
  std::string pci_address, uuid;
};

// One GPU, asked function by function. What a function cannot say is unknown (nullopt, ""), never 0, and `unanswered`
// keeps why. A lost GPU throws Failure DEVICE_LOST, then and at every later call, without asking NVML again.
class Gpu {
 public:
  // Failure where the library is not available or the device cannot be had: no permission, insufficient power, lost.
  Gpu(std::shared_ptr<const Library> library, Place place);

  // Whether the function answered; its results are in what `args` points at.
  template <typename F, typename... Args>
  bool ask(const F& function, Args... args) const {
    check_alive();
    return took(function(handle_, args...), function.name);
  }
  // The same of another handle of this GPU: a MIG instance.
  template <typename F, typename... Args>
  bool ask_of(Handle handle, const F& function, Args... args) const {
    check_alive();
    return took(function(handle, args...), function.name);
  }
  template <typename F, typename... Args>
  std::optional<unsigned> number(const F& function, Args... args) const {
    unsigned value = 0;
    if (!ask(function, args..., &value)) return std::nullopt;
    return value;
  }
  std::string text(const Functions::Text& function) const;

  const Functions& functions() const { return library_->functions(); }
  const Library& library() const { return *library_; }
  const Place& place() const { return place_; }
  Handle handle() const { return handle_; }
  // Judges an answer: true is success; false is unknown; throws where the GPU is lost.
  bool took(Status status, const char* function) const;
  void check_alive() const;

  // From now on reasons are kept by function name; not while several threads ask.
  void keep_reasons(std::map<std::string, Status>* reasons) { reasons_ = reasons; }

 private:
  std::shared_ptr<const Library> library_;
  Place place_;
  Handle handle_ = nullptr;
  std::map<std::string, Status>* reasons_ = nullptr;
  mutable std::atomic<Status> lost_{kSuccess};
  mutable std::atomic<const char*> lost_in_{""};
};

}  // namespace geomsu::cuda::nvml
