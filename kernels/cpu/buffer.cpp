#include "kernels/cpu/buffer.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <sys/mman.h>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cpu {
namespace {

constexpr std::uint64_t kHugePage = 2u << 20;

std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;  // "max" is no number: no limit
  return std::nullopt;
}

// Headroom in the own control group and all above it (version 2; where it is not mounted there is no limit to see).
std::uint64_t control_group_headroom() {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("0::")) continue;
    std::string path = line.substr(3);
    while (true) {
      const std::string folder = "/sys/fs/cgroup" + (path == "/" ? "" : path);
      const auto limit = number_in(folder + "/memory.max"), used = number_in(folder + "/memory.current");
      if (limit && used) least = std::min(least, *limit > *used ? *limit - *used : 0);
      if (path.size() <= 1) break;
      const auto slash = path.rfind('/');
      path = slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
    }
  }
  return least;
}

}  // namespace

Buffer::Buffer(std::uint64_t bytes) : bytes_(bytes) {
  mapped_ = (bytes + 2 * kHugePage - 1) / kHugePage * kHugePage;
  if (mapped_ < bytes)
    throw plugin::Failure(GEOMSU_INVALID_ARGUMENT, "a buffer of " + std::to_string(bytes) + " bytes");
  mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) {
    throw plugin::Failure(GEOMSU_OUT_OF_MEMORY,
                          "the kernel refuses a mapping of " + std::to_string(mapped_) + " bytes");
  }
  const auto address = reinterpret_cast<std::uintptr_t>(mapping_);
  start_ = reinterpret_cast<void*>((address + kHugePage - 1) / kHugePage * kHugePage);
  // Advice only: without transparent huge pages the buffer works with small ones.
  static_cast<void>(madvise(mapping_, mapped_, MADV_HUGEPAGE));
}

Buffer::~Buffer() {
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
}

Buffer::Buffer(Buffer&& other) noexcept { *this = std::move(other); }

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_, other.mapped_);
  std::swap(start_, other.start_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

std::uint64_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::optional<std::uint64_t> available;
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == "MemAvailable:" && file >> kib) available = kib * 1024;
  }
  if (!available) throw plugin::Failure(GEOMSU_INTERNAL, "/proc/meminfo has no MemAvailable");
  return std::min(*available, control_group_headroom());
}

}  // namespace geomsu::cpu
