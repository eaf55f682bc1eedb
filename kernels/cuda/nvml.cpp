#include "kernels/cuda/nvml.hpp"

#include <array>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cuda::nvml {
namespace {

// dlerror's words where dlopen failed; kept by the caller at once, since the next dl call overwrites them.
std::string loader_words() {
  const char* words = dlerror();
  return words == nullptr ? "the loader does not say why" : words;
}

std::string without_prefix(const std::string& uuid) {
  return uuid.starts_with("GPU-") || uuid.starts_with("MIG-") ? uuid.substr(4) : uuid;
}

}  // namespace

// RTLD_LOCAL: what the driver's library exports must not stand in for anybody's symbols.
Library::Library(const std::string& path)
    : path_(path), handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)), functions_(handle_) {
  if (handle_ == nullptr) {
    why_ = path_ + " could not be loaded (" + loader_words() +
           "): the driver's user library is not there; next: install the driver, or in a container add the driver "
           "capability `utility`";
    return;
  }
  const Status status = functions_.init();
  initialized_ = status == kSuccess;
  if (!initialized_) why_ = words_of(status, functions_.init.name, "");
}

Library::~Library() {
  if (initialized_) functions_.shutdown();
  if (handle_ != nullptr) dlclose(handle_);
}

std::string Library::driver_version() const {
  std::array<char, 80> text{};
  if (!available() || functions_.driver_version(text.data(), unsigned{text.size()}) != kSuccess) return "";
  return text.data();
}

std::string Library::process_name(unsigned pid) const {
  std::array<char, 256> text{};
  if (!available() || functions_.process_name(pid, text.data(), unsigned{text.size()}) != kSuccess) return "";
  return text.data();
}

// The PCI address is asked for first: it is the parent's for a MIG instance too, whose power, temperature and links
// are the whole GPU's.
Gpu::Gpu(std::shared_ptr<const Library> library, Place place) : library_(std::move(library)), place_(std::move(place)) {
  if (!library_->available()) throw plugin::Failure(GEOMSU_UNSUPPORTED, "NVML cannot be asked: " + library_->why());
  const Functions& f = functions();
  Status status = f.by_pci(place_.pci_address.c_str(), &handle_);
  const char* name = f.by_pci.name;
  if ((status == kFunctionNotFound || status == kNotFound || status == kInvalidArgument) && !place_.uuid.empty()) {
    const std::string uuid = "GPU-" + without_prefix(place_.uuid);
    status = f.by_uuid(uuid.c_str(), &handle_);
    name = f.by_uuid.name;
  }
  if (status != kSuccess) throw plugin::Failure(code_of(status), words_of(status, name, place_.pci_address));
}

bool Gpu::took(Status status, const char* function) const {
  if (is_lost(status)) {
    lost_in_ = function;
    lost_ = status;
    check_alive();
  }
  if (status != kSuccess && reasons_ != nullptr) reasons_->emplace(function, status);
  return status == kSuccess;
}

void Gpu::check_alive() const {
  const Status lost = lost_;
  if (lost != kSuccess) throw plugin::Failure(GEOMSU_DEVICE_LOST, words_of(lost, lost_in_.load(), place_.pci_address));
}

std::string Gpu::text(const Functions::Text& function) const {
  std::array<char, 96> text{};  // the longest that NVML documents (NVML_DEVICE_UUID_V2_BUFFER_SIZE)
  if (!ask(function, text.data(), unsigned{text.size()})) return "";
  text.back() = '\0';
  return text.data();
}

}  // namespace geomsu::cuda::nvml
