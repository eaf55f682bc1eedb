// Where device memory lies and who may touch it. Device addresses are a range that the host cannot read or write; the
// emulator reaches the same bytes through an alias. Every allocation has exact bounds, 256-byte alignment and a red
// zone behind it, holds 0xFF (NaN) at first, and has a map with one byte a byte: 0 where nothing was ever written.
// Pinned host memory is known here too. Safe from any thread; it has its own lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace geomsu::emulation {

inline constexpr std::uint64_t kArenaBytes = 2ULL << 30U;  // that back one device, whatever its node reports
inline constexpr std::uint64_t kAlignment = 256, kRedZoneBytes = 256;

// One live allocation.
struct Range {
  std::uint64_t first = 0, last = 0;  // [first, last)
  int device = -1;                    // owner; of pinned memory the device that was current
  bool pinned = false;                // host memory
  std::byte* alias = nullptr;         // of `first`
  std::uint8_t* written = nullptr;    // of `first`; nullptr for host memory
};

class AddressSpace {
 public:
  explicit AddressSpace(int devices);

  // 0 where the arena has no such hole.
  std::uint64_t take(int device, std::uint64_t bytes);
  // The red zone is looked at; words of what was wrong, or empty.
  std::string give_back(std::uint64_t address);

  void pin(void* pointer, std::uint64_t bytes, int device, bool registered);
  // Bytes that were pinned, 0 where it is not the start of such memory.
  std::uint64_t unpin(void* pointer, bool registered);

  bool in_arena(std::uint64_t address) const;  // a device's address, live or not
  // The live allocation that holds `address`; false where there is none.
  bool find(std::uint64_t address, Range& out) const;
  bool before(std::uint64_t address, Range& out) const;  // the last one that begins at or below it
  std::vector<Range> live() const;

  // `device` may touch memory of `owner`.
  void open(int device, int owner);
  void close(int device, int owner);
  bool is_open(int device, int owner) const;

 private:
  struct Arena {
    std::byte* alias = nullptr;
    std::uint8_t* written = nullptr;
    std::uint64_t cursor = 0;  // freed memory is taken again as late as can be, so that its use shows
    int file = -1;
  };
  std::uint64_t hole(int device, std::uint64_t bytes) const;

  mutable std::mutex mutex_;
  std::vector<Arena> arenas_;
  std::map<std::uint64_t, Range> ranges_;
  std::set<std::uint64_t> registered_;
  std::set<std::pair<int, int>> open_;
};

// "0x7d0000001000 (device 1)" for words.
std::string address_text(std::uint64_t address);

}  // namespace geomsu::emulation
