// Messages of a few cache lines, each rank's laid out for all to read: what is sent and the sign that it is there come
// in one line, so that a small message costs its readers one look.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/cpu/rendezvous.hpp"

namespace geomsu::cpu {

class Mailbox {
 public:
  static constexpr std::uint64_t kMost = 2 * kApart - sizeof(std::uint64_t);  // bytes of a message

  explicit Mailbox(std::uint32_t ranks) : ranks_(ranks), slots_(2 * std::size_t{ranks}) {}

  // Turns count from 1 and go up by one. A rank that sends turn t + 2 has taken turn t + 1 from everyone, so nobody
  // reads turn t any more: two slots are enough.
  void send(std::uint32_t rank, std::uint64_t turn, const void* message, std::uint64_t bytes) {
    Slot& slot = at(rank, turn);
    if (bytes != 0) std::memcpy(slot.message, message, bytes);
    slot.turn.store(turn, std::memory_order_release);
  }
  // Waits for a rank's message; false: stopped.
  bool wait(std::uint32_t from, std::uint64_t turn, const Patience& patience, const std::atomic<bool>& stopped) const {
    return patience.until(slots_[from + ranks_ * (turn % 2)].turn, turn, stopped);
  }
  // It may be read until this rank's next send but one.
  const std::byte* message(std::uint32_t from, std::uint64_t turn) const {
    return slots_[from + ranks_ * (turn % 2)].message;
  }
  void reset() {
    for (Slot& slot : slots_) slot.turn.store(0, std::memory_order_relaxed);
  }

 private:
  struct alignas(kApart) Slot {
    std::atomic<std::uint64_t> turn{0};
    std::byte message[kMost];
  };
  Slot& at(std::uint32_t rank, std::uint64_t turn) { return slots_[rank + ranks_ * (turn % 2)]; }

  std::uint32_t ranks_;
  std::vector<Slot> slots_;
};

}  // namespace geomsu::cpu
