// Where the threads of a group meet in the midst of a task: a flag a thread on cache lines of its own, looked at again
// and again, then with a yield between, so that neither sleep nor system call stands between two repeats. A thread that
// fails stops the rendezvous, and nobody waits there any more.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <sched.h>

namespace geomsu::cpu {

inline constexpr std::size_t kApart = 128;  // bytes: processors fetch lines in pairs

// Looks until a flag has come that far.
class Patience {
 public:
  // Where threads share a core, the one that is waited for may be waiting for this very core.
  explicit Patience(bool shared_cores) : looks_(shared_cores ? 8 : 4096) {}

  // False: stopped.
  bool until(const std::atomic<std::uint64_t>& flag, std::uint64_t turn, const std::atomic<bool>& stopped) const {
    for (std::uint32_t looks = 0; flag.load(std::memory_order_acquire) < turn; ++looks) {
      if (stopped.load(std::memory_order_relaxed)) return false;
      looks < looks_ ? breathe() : static_cast<void>(sched_yield());
    }
    return true;
  }

 private:
  static void breathe() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
  std::uint32_t looks_;
};

class Rendezvous {
 public:
  // widths[rank]: the threads of a rank that come.
  Rendezvous(const std::vector<std::uint32_t>& widths, bool shared_cores);

  // Returns when every thread of every rank has called it as often as this one; false: stopped. What a thread wrote
  // before, all see after.
  bool meet(std::uint32_t rank, std::uint32_t place);
  void stop() { stopped_.store(true, std::memory_order_release); }
  const std::atomic<bool>& stopped() const { return stopped_; }
  const Patience& patience() const { return patience_; }
  void reset();  // nobody may be in `meet`

 private:
  struct alignas(kApart) Flag {
    std::atomic<std::uint64_t> turn{0};
  };
  Flag& flag(std::uint32_t rank, std::uint32_t place) { return flags_[first_[rank] + place]; }

  std::vector<std::uint32_t> widths_, first_;
  Patience patience_;
  std::atomic<bool> stopped_{false};
  // A flag a thread: of place 0 it says that all of its rank are here.
  std::vector<Flag> flags_;
  std::vector<Flag> released_;  // a flag a rank: that all ranks are here
};

}  // namespace geomsu::cpu
