#include "kernels/cpu/executor.hpp"

#include <chrono>
#include <limits>
#include <string>

#include <omp.h>
#include <pthread.h>
#include <signal.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/affinity.hpp"

namespace geomsu::cpu {
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

Executor::Executor(std::vector<int> cores) : cores_(std::move(cores)) {
  // The host's signals are the host's: the pool's threads inherit a mask that takes none.
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
  try {
    call([this] { start_pool(); });
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
    throw;
  }
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

void Executor::start_pool() {
  omp_set_dynamic(0);
  omp_set_num_threads(threads());
  int team = 0;
  std::exception_ptr failure;
#pragma omp parallel
  {
    try {
      pin({cores_[static_cast<std::size_t>(omp_get_thread_num())]});
    } catch (...) {
#pragma omp critical
      failure = std::current_exception();
    }
#pragma omp single
    team = omp_get_num_threads();
  }
  if (failure) std::rethrow_exception(failure);
  if (team != threads()) {
    throw plugin::Failure(GEOMSU_INTERNAL, "OpenMP gives " + std::to_string(team) + " threads for " +
                                               std::to_string(threads()) + " cores; next: unset OMP_THREAD_LIMIT");
  }
}

}  // namespace geomsu::cpu
