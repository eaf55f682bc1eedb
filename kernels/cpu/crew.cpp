#include "kernels/cpu/crew.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>

#include <pthread.h>
#include <signal.h>

#include "kernels/cpu/affinity.hpp"

namespace geomsu::cpu {
namespace {

class Call final : public Task {
 public:
  explicit Call(const std::function<void(const Seat&)>& work) : work_(work) {}

 protected:
  void do_run(const Seat& seat) override { work_(seat); }

 private:
  const std::function<void(const Seat&)>& work_;
};

}  // namespace

Crew::Crew(std::vector<std::vector<int>> cores) : cores_(std::move(cores)) {
  std::set<int> seen;
  for (const auto& of_rank : cores_) {
    for (const int core : of_rank) shared_ = !seen.insert(core).second || shared_;
  }
  // The host's signals are the host's: threads inherit a mask that takes none.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    start();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    call([this](const Seat& seat) { pin({cores_[seat.rank][seat.place]}); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
    throw;
  }
}

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Crew::start() {
  std::uint32_t index = 0;
  for (std::uint32_t rank = 0; rank < ranks(); ++rank) {
    for (std::uint32_t place = 0; place < width(rank); ++place) {
      const Seat seat{rank, place, width(rank), index++};
      threads_.emplace_back([this, seat] { loop(seat); });
    }
  }
}

void Crew::post(Task& task) {
  const std::lock_guard lock(mutex_);
  task.next_ = nullptr;
  task.done_ = false;
  task.running_ = threads_.size();
  task.failure_ = nullptr;
  if (head_ == nullptr) {
    head_ = &task;
    ++turn_;
    wake_.notify_all();
  } else {
    tail_->next_ = &task;
  }
  tail_ = &task;
}

bool Crew::wait(Task& task, std::uint64_t timeout_ns) {
  std::unique_lock lock(mutex_);
  const auto done = [&task] { return task.done_; };
  // A hundred years is for ever, and its sum with now does not overflow.
  constexpr std::uint64_t kForEver = 100ULL * 365 * 86400 * 1000000000ULL;
  if (timeout_ns >= kForEver) {
    finished_.wait(lock, done);
  } else if (!finished_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), done)) {
    return false;
  }
  if (task.failure_) std::rethrow_exception(task.failure_);
  return true;
}

void Crew::call(const std::function<void(const Seat&)>& work) {
  Call task(work);
  post(task);
  wait(task, std::numeric_limits<std::uint64_t>::max());
}

void Crew::call(std::uint32_t rank, const std::function<void(const Seat&)>& work) {
  call([&](const Seat& seat) {
    if (seat.rank == rank) work(seat);
  });
}

void Crew::finish(Task& task) {
  head_ = task.next_;
  task.done_ = true;
  finished_.notify_all();
  if (head_ == nullptr) return;
  ++turn_;
  wake_.notify_all();
}

void Crew::loop(Seat seat) {
  std::unique_lock lock(mutex_);
  std::uint64_t seen = 0;
  while (true) {
    wake_.wait(lock, [&] { return turn_ != seen || (stop_ && head_ == nullptr); });
    if (turn_ == seen) return;
    seen = turn_;
    Task& task = *head_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      task.do_run(seat);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure && !task.failure_) {
      task.failure_ = failure;
      task.do_stop();
    }
    if (--task.running_ == 0) finish(task);
  }
}

}  // namespace geomsu::cpu
