#include "kernels/cuda/device.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/check.hpp"

namespace geomsu::cuda {
namespace {

int attribute(cudaDeviceAttr what, int ordinal) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, what, ordinal), "cudaDeviceGetAttribute", "device " + std::to_string(ordinal));
  return value;
}

// 8-4-4-4-12 hexadecimal digits, as NVML writes it behind "GPU-".
std::string uuid_text(const cudaUUID_t& uuid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(uuid.bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

Facts read_facts(int ordinal) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, ordinal), "cudaGetDeviceProperties", "device " + std::to_string(ordinal));
  std::array<char, 32> address{};
  check(cudaDeviceGetPCIBusId(address.data(), static_cast<int>(address.size()), ordinal), "cudaDeviceGetPCIBusId",
        "device " + std::to_string(ordinal));
  Facts facts;
  facts.ordinal = ordinal;
  facts.name = static_cast<const char*>(properties.name);
  facts.major = properties.major;
  facts.minor = properties.minor;
  facts.multiprocessors = attribute(cudaDevAttrMultiProcessorCount, ordinal);
  facts.memory_bytes = properties.totalGlobalMem;
  facts.l2_bytes = static_cast<std::uint64_t>(attribute(cudaDevAttrL2CacheSize, ordinal));
  facts.pci_address = address.data();
  for (char& c : facts.pci_address) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  facts.uuid = uuid_text(properties.uuid);
  return facts;
}

Device::Device(Facts facts) : facts_(std::move(facts)) {
  try {
    executor_.call([this] { with_words([this] { start(); }); });
  } catch (...) {
    executor_.call([this] { stop(); });
    throw;
  }
}

Device::~Device() {
  try {
    executor_.call([this] { stop(); });
  } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to be told
  }
}

void Device::start() {
  const std::string doing = "opening " + facts_.words();
  check(cudaSetDevice(facts_.ordinal), "cudaSetDevice", doing);
  // Who waits for a device sleeps meanwhile: the default spins where there are more cores than contexts.
  check(cudaSetDeviceFlags(cudaDeviceScheduleBlockingSync), "cudaSetDeviceFlags", doing);
  // Not the legacy stream, and not waiting for it.
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags", doing);
  begin_ = std::vector<TimedEvent>(2);
  ends_ = std::vector<TimedEvent>(kEnds);
  gate_ = PinnedBuffer(64);
  clock_ = std::make_unique<Clock>(stream_);
}

void Device::stop() noexcept {
  scratch_ = DeviceBuffer();
  gate_ = PinnedBuffer();
  ends_.clear();
  begin_.clear();
  clock_.reset();
  if (lt_ != nullptr) static_cast<void>(cublasLtDestroy(lt_));
  if (stream_ != nullptr) forget(cudaStreamDestroy(stream_));
  lt_ = nullptr;
  stream_ = nullptr;
}

void Device::check_alive() const {
  const std::lock_guard lock(mutex_);
  if (!lost_.empty()) throw plugin::Failure(GEOMSU_DEVICE_LOST, facts_.words() + " was lost before: " + lost_);
}

void Device::with_words(const std::function<void()>& work) {
  try {
    work();
  } catch (const CallFailure& failure) {
    std::string words = failure.what();
    const std::string own = facts_.words();
    if (const std::string more = more_words_ ? more_words_() : ""; !more.empty()) words += "; " + more;
    if (failure.code() == GEOMSU_DEVICE_LOST && !failure.is_of_peer()) {
      const std::lock_guard lock(mutex_);
      lost_ = words;
    }
    throw plugin::Failure(failure.code(), words.find(own) == std::string::npos ? own + ": " + words : words);
  }
}

void Device::guarded(const std::function<void()>& work) {
  check_alive();
  with_words(work);
}

void Device::call(const std::function<void()>& work) {
  executor_.call([&] { guarded(work); });
}

cublasLtHandle_t Device::lt() {
  if (lt_ == nullptr) check(cublasLtCreate(&lt_), "cublasLtCreate", facts_.words());
  return lt_;
}

std::uint64_t Device::free_bytes() const {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo", facts_.words());
  return free;
}

void Device::wait(const char* doing) {
  check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize", std::string(doing) + " on " + facts_.words());
}

void Device::drain() noexcept { forget(cudaStreamSynchronize(stream_)); }

void* Device::scratch(std::uint64_t bytes) {
  if (scratch_.bytes() < bytes) {
    scratch_ = DeviceBuffer();  // the old one first: both may not fit
    scratch_ = DeviceBuffer(bytes);
  }
  return scratch_.as<void>();
}

}  // namespace geomsu::cuda
