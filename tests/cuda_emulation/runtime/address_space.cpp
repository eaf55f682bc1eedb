#include "tests/cuda_emulation/runtime/address_space.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation {
namespace {

constexpr std::uint64_t kBase = 0x7d0000000000U;
constexpr std::uint64_t kStride = 2 * kArenaBytes;  // a gap between devices, never mapped for anybody

std::uint64_t base_of(int device) { return kBase + static_cast<std::uint64_t>(device) * kStride; }
std::uint64_t up(std::uint64_t value, std::uint64_t step) { return (value + step - 1) / step * step; }

void* at_address(std::uint64_t address) {
  return reinterpret_cast<void*>(address);  // NOLINT: an address is what is meant
}

}  // namespace

AddressSpace::AddressSpace(int devices) {
  for (int device = 0; device < devices; ++device) {
    Arena arena;
    arena.file = memfd_create("geomsu-emulated-device", MFD_CLOEXEC);
    if (arena.file < 0 || ftruncate(arena.file, static_cast<off_t>(kArenaBytes)) != 0) {
      die("no file of 2 GiB in memory for device " + std::to_string(device) + ": " + std::strerror(errno));
    }
    void* const wanted = at_address(base_of(device));
    void* const host = mmap(wanted, kArenaBytes, PROT_NONE, MAP_SHARED | MAP_FIXED_NOREPLACE, arena.file, 0);
    void* const alias = mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, arena.file, 0);
    void* const written =
        mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host != wanted || alias == MAP_FAILED || written == MAP_FAILED) {
      die("device " + std::to_string(device) +
          " finds no room for its addresses in this process: " + std::strerror(errno));
    }
    arena.alias = static_cast<std::byte*>(alias);
    arena.written = static_cast<std::uint8_t*>(written);
    arenas_.push_back(arena);
  }
}

// Offset of a free hole at or behind the arena's cursor, else before it; kArenaBytes where there is none.
std::uint64_t AddressSpace::hole(int device, std::uint64_t bytes) const {
  const std::uint64_t base = base_of(device);
  const std::uint64_t wanted = up(bytes + kRedZoneBytes, kAlignment);
  const auto search = [&](std::uint64_t from) {
    for (auto next = ranges_.lower_bound(base + from);; ++next) {
      const bool other = next == ranges_.end() || next->first >= base + kArenaBytes;
      const std::uint64_t limit = other ? kArenaBytes : next->first - base;
      if (from + wanted <= limit) return from;
      if (other) return kArenaBytes;
      from = up(next->second.last - base + kRedZoneBytes, kAlignment);
    }
  };
  const std::uint64_t behind = search(arenas_[static_cast<std::size_t>(device)].cursor);
  return behind != kArenaBytes ? behind : search(kAlignment);
}

std::uint64_t AddressSpace::take(int device, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  Arena& arena = arenas_[static_cast<std::size_t>(device)];
  arena.cursor = std::max(arena.cursor, kAlignment);
  const std::uint64_t offset = bytes < kArenaBytes ? hole(device, bytes) : kArenaBytes;
  if (offset == kArenaBytes) return 0;
  arena.cursor = up(offset + bytes + kRedZoneBytes, kAlignment);
  std::memset(arena.alias + offset, 0xFF, bytes + kRedZoneBytes);
  const std::uint64_t first = base_of(device) + offset;
  ranges_[first] = {first, first + bytes, device, false, arena.alias + offset, arena.written + offset};
  return first;
}

std::string AddressSpace::give_back(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto found = ranges_.find(address);
  if (found == ranges_.end() || found->second.pinned) {
    return address_text(address) + " is not the start of live device memory (freed before, or never allocated)";
  }
  const Range range = found->second;
  const std::uint64_t bytes = range.last - range.first;
  for (std::uint64_t i = 0; i < kRedZoneBytes; ++i) {
    if (range.alias[bytes + i] != std::byte{0xFF}) return "bytes behind " + address_text(address) + " were overwritten";
  }
  // Whole pages go back to the machine, and are zero in the map; the rest is wiped by hand.
  Arena& arena = arenas_[static_cast<std::size_t>(range.device)];
  const auto offset = static_cast<std::uint64_t>(range.alias - arena.alias);
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t from = up(offset, kPage), to = (offset + bytes) / kPage * kPage;
  if (from < to) {
    fallocate(arena.file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
              static_cast<off_t>(to - from));
    madvise(arena.written + from, to - from, MADV_DONTNEED);
    std::memset(arena.written + offset, 0, from - offset);
    std::memset(arena.written + to, 0, offset + bytes - to);
  } else {
    std::memset(arena.written + offset, 0, bytes);
  }
  ranges_.erase(found);
  return {};
}

void AddressSpace::pin(void* pointer, std::uint64_t bytes, int device, bool registered) {
  const std::lock_guard lock(mutex_);
  const auto first = reinterpret_cast<std::uint64_t>(pointer);
  ranges_[first] = {first, first + bytes, device, true, static_cast<std::byte*>(pointer), nullptr};
  if (registered) registered_.insert(first);
}

std::uint64_t AddressSpace::unpin(void* pointer, bool registered) {
  const std::lock_guard lock(mutex_);
  const auto first = reinterpret_cast<std::uint64_t>(pointer);
  const auto found = ranges_.find(first);
  if (found == ranges_.end() || !found->second.pinned || registered_.contains(first) != registered) return 0;
  const std::uint64_t bytes = found->second.last - first;
  registered_.erase(first);
  ranges_.erase(found);
  return bytes;
}

bool AddressSpace::in_arena(std::uint64_t address) const {
  return address >= kBase && address < base_of(static_cast<int>(arenas_.size()));
}

bool AddressSpace::before(std::uint64_t address, Range& out) const {
  const std::lock_guard lock(mutex_);
  auto found = ranges_.upper_bound(address);
  if (found == ranges_.begin()) return false;
  out = (--found)->second;
  return true;
}

bool AddressSpace::find(std::uint64_t address, Range& out) const {
  Range range;
  if (!before(address, range) || address >= range.last) return false;
  out = range;
  return true;
}

std::vector<Range> AddressSpace::live() const {
  const std::lock_guard lock(mutex_);
  std::vector<Range> out;
  for (const auto& [first, range] : ranges_) {
    if (!registered_.contains(first)) out.push_back(range);
  }
  return out;
}

void AddressSpace::open(int device, int owner) {
  const std::lock_guard lock(mutex_);
  open_.insert({device, owner});
}

void AddressSpace::close(int device, int owner) {
  const std::lock_guard lock(mutex_);
  open_.erase({device, owner});
}

bool AddressSpace::is_open(int device, int owner) const {
  const std::lock_guard lock(mutex_);
  return device == owner || open_.contains({device, owner});
}

std::string address_text(std::uint64_t address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

}  // namespace geomsu::emulation
