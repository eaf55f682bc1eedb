// Work that was queued and is run later, and who decides when.
//
// Virtual time. An operation starts at the latest of: the host's time when it was queued, and the ends of what it comes
// behind (its stream's last operation, events waited for). It ends cost_ns later, or later still where a kernel read
// the clock for longer. Streams and devices so have time lines of their own that overlap freely: no operation slows
// another. The host's time moves to the end of what it waits for, a little with each query that finds work unfinished,
// and by advance_ns of the marker; calls cost it nothing. It is one for the process and never goes back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace geomsu::emulation {

using Lock = std::unique_lock<std::mutex>;  // of the process (process.hpp)

struct Operation {
  enum class State { kQueued, kRunning, kDone };
  std::uint64_t number = 0;  // in the order of queueing
  std::string what;
  int device = 0;
  bool early = true;  // may run before anything needs it (order: random)
  State state = State::kQueued;
  std::uint64_t queued_ns = 0, cost_ns = 0;
  std::uint64_t start_ns = 0, end_ns = 0;  // as planned until it is done
  std::function<void()> work;
  std::vector<std::shared_ptr<Operation>> behind;  // empty once it is done
};
using OperationPtr = std::shared_ptr<Operation>;

// What a caller says of work; the rest is the scheduler's.
struct Work {
  std::string what;
  std::uint64_t cost_ns = 0;
  std::function<void()> run;
  bool early = true;
};

OperationPtr queue(Lock& lock, int device, Work work, std::vector<OperationPtr> behind);

// Runs what `target` needs and then `target`, on this thread, unless another thread does; moves the host's time.
void finish(Lock& lock, const OperationPtr& target);
// Whether it is done at the host's time. Where not, the host's time moves by a step, so that polling ends.
bool poll(Lock& lock, const OperationPtr& target);
// order: random: now and then something runs early.
void maybe_run_early(Lock& lock, int device);

// The operation that this thread runs, or nullptr.
const Operation* running_operation();
// Virtual time inside the running operation: each look moves it on, and the operation's end with it.
std::uint64_t look_at_clock();

}  // namespace geomsu::emulation
