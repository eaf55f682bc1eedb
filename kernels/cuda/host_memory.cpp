#include "kernels/cuda/host_memory.hpp"

#include <fstream>
#include <limits>
#include <new>
#include <string>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::uint64_t kPage = 4096;

// Without /proc there is nothing to compare with.
std::uint64_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::uint64_t kib = 0;
  for (std::string word; file >> word;) {
    if (word == "MemAvailable:" && file >> kib) return kib * 1024;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

PageableBuffer::PageableBuffer(std::uint64_t bytes)
    : memory_(std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage)) {
  if (memory_ == nullptr) throw std::bad_alloc();
}

void expect_host_memory(std::uint64_t bytes, const char* what) {
  const std::uint64_t available = available_bytes();
  if (bytes <= available / 10 * 9) return;
  throw plugin::Failure(GEOMSU_OUT_OF_MEMORY,
                        "the host's side needs " + std::to_string(bytes) + " bytes of " + what + " memory, " +
                            std::to_string(available) +
                            " are available (90 % of them may be taken); next: see who holds the rest (free, ps), or "
                            "transfer fewer bytes");
}

}  // namespace geomsu::cuda
