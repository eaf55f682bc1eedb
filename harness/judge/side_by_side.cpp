#include "harness/judge/side_by_side.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace geomsu {

unsigned threads_of(unsigned asked) { return asked != 0 ? asked : std::max(1U, std::thread::hardware_concurrency()); }

void side_by_side(std::size_t count, unsigned threads, const std::function<void(unsigned, std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::size_t failed_at = count;
  std::exception_ptr failed;
  const auto run = [&](unsigned thread) {
    for (std::size_t i = next++; i < count && !stop; i = next++) {
      try {
        work(thread, i);
      } catch (...) {
        const std::lock_guard guard(mutex);
        stop = true;
        if (i > failed_at) continue;
        failed_at = i;
        failed = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned thread = 1; thread < std::min<std::size_t>(threads, count); ++thread)
      others.emplace_back(run, thread);
    run(0);
  }
  if (failed) std::rethrow_exception(failed);
}

}  // namespace geomsu
