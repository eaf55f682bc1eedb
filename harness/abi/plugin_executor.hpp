// For makers of plug-ins in C++20: the one thread on which all work of a device runs, so that `submit` never blocks and
// vendor libraries that want one submitting thread have it. Header-only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <signal.h>

namespace geomsu::plugin {

// A piece of work. The owner keeps it alive until it is done; queueing it neither blocks nor allocates.
class Job {
 public:
  virtual ~Job() = default;
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

 protected:
  virtual void do_run() = 0;

 private:
  friend class Executor;
  Job* next_ = nullptr;
  bool done_ = false;
  std::exception_ptr failure_;
};

class Executor {
 public:
  Executor() {
    // The host's signals are the host's: the thread, and what it starts, takes none.
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
  ~Executor() {  // finishes what is queued
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void post(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      job.next_ = nullptr;
      job.done_ = false;
      (head_ == nullptr ? head_ : tail_->next_) = &job;
      tail_ = &job;
    }
    wake_.notify_one();
  }

  // false: not done by then. Rethrows what the job threw.
  bool wait(Job& job, std::uint64_t timeout_ns) {
    std::unique_lock lock(mutex_);
    const auto done = [&job] { return job.done_; };
    // A hundred years is for ever, and its sum with now does not overflow.
    constexpr std::uint64_t kForEver = 100ULL * 365 * 86400 * 1000000000ULL;
    if (timeout_ns >= kForEver) {
      finished_.wait(lock, done);
    } else if (!finished_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), done)) {
      return false;
    }
    if (job.failure_) std::rethrow_exception(job.failure_);
    return true;
  }

  // post and wait
  void call(const std::function<void()>& work) {
    Call job(work);
    post(job);
    wait(job, std::numeric_limits<std::uint64_t>::max());
  }

 private:
  class Call final : public Job {
   public:
    explicit Call(const std::function<void()>& work) : work_(work) {}

   protected:
    void do_run() override { work_(); }

   private:
    const std::function<void()>& work_;
  };

  void loop() {
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

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  Job* head_ = nullptr;
  Job* tail_ = nullptr;
  bool stop_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace geomsu::plugin
