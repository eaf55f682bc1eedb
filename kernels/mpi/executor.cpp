#include "kernels/mpi/executor.hpp"

#include <chrono>
#include <ctime>
#include <limits>

#include <pthread.h>
#include <signal.h>

namespace geomsu::mpi {
namespace {

class Call final : public Job {
 public:
  explicit Call(const std::function<void()>& work) : work_(work) {}

 protected:
  void do_run() override { work_(); }

 private:
  const std::function<void()>& work_;
};

}  // namespace

Executor::Executor() {
  // The host's signals are the host's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { loop(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Executor::~Executor() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Executor::post(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    job.next_ = nullptr;
    job.done_ = false;
    (head_ == nullptr ? head_ : tail_->next_) = &job;
    tail_ = &job;
  }
  wake_.notify_one();
}

bool Executor::wait(Job& job, std::uint64_t timeout_ns) {
  std::unique_lock lock(mutex_);
  const auto done = [&job] { return job.done_; };
  constexpr std::uint64_t kForEver = 100ULL * 365 * 86400 * 1000000000ULL;  // its sum with now does not overflow
  if (timeout_ns >= kForEver) {
    finished_.wait(lock, done);
  } else if (!finished_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), done)) {
    return false;
  }
  if (job.failure_) std::rethrow_exception(job.failure_);
  return true;
}

void Executor::call(const std::function<void()>& work) {
  Call job(work);
  post(job);
  wait(job, std::numeric_limits<std::uint64_t>::max());
}

void Executor::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return head_ != nullptr || stop_; });
    if (head_ == nullptr) return;
    Job& job = *head_;
    head_ = job.next_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      job.do_run();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    job.failure_ = failure;
    job.done_ = true;
    finished_.notify_all();
  }
}

std::uint64_t raw_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000ULL + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace geomsu::mpi
