#include "kernels/cpu/placement.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cpu {
namespace {

using plugin::Failure;

std::uintptr_t page_of(const std::byte* at) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  return reinterpret_cast<std::uintptr_t>(at) / page * page;
}

}  // namespace

void place_on_node(std::span<std::byte> bytes, unsigned node) {
  constexpr unsigned kBits = sizeof(unsigned long) * CHAR_BIT;
  std::vector<unsigned long> mask(node / kBits + 1, 0);
  mask[node / kBits] = 1UL << (node % kBits);
  const std::uintptr_t first = page_of(bytes.data());
  const std::uintptr_t length = reinterpret_cast<std::uintptr_t>(bytes.data() + bytes.size()) - first;
  // The kernel takes one bit less than it is told.
  if (syscall(SYS_mbind, first, length, MPOL_BIND, mask.data(), mask.size() * kBits + 1, 0) != 0) {
    throw Failure(GEOMSU_UNSUPPORTED,
                  "the kernel places no memory on NUMA node " + std::to_string(node) + ": " + std::strerror(errno));
  }
}

std::size_t pages_elsewhere(std::span<std::byte> bytes, unsigned node) {
  std::array<void*, 64> pages{};
  std::array<int, 64> nodes{};
  const std::size_t count = std::clamp<std::size_t>(bytes.size() / 4096, 1, pages.size());
  for (std::size_t i = 0; i < count; ++i)
    pages[i] = reinterpret_cast<void*>(page_of(bytes.data() + bytes.size() / count * i));
  if (syscall(SYS_move_pages, 0, count, pages.data(), nullptr, nodes.data(), 0) != 0) {
    throw Failure(GEOMSU_UNSUPPORTED,
                  std::string("the kernel does not say where memory lies: ") + std::strerror(errno));
  }
  return static_cast<std::size_t>(
      std::count_if(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(count),
                    [node](int found) { return found < 0 || static_cast<unsigned>(found) != node; }));
}

}  // namespace geomsu::cpu
