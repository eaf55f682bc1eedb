// The one thread of a device on which all its work runs: OpenMP and OpenBLAS keep a pool for each thread that starts a
// parallel region, so there must be only one such thread, and it is pinned with its pool, a thread a core.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "kernels/cpu/clock.hpp"

namespace geomsu::cpu {

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
  // Starts the thread and its pool on `cores`; Failure where OpenMP gives fewer threads (OMP_THREAD_LIMIT).
  explicit Executor(std::vector<int> cores);
  ~Executor();  // finishes what is queued
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void post(Job& job);
  bool wait(Job& job, std::uint64_t timeout_ns);  // false: not done by then. Rethrows what the job threw.
  void call(const std::function<void()>& work);   // post and wait

  int threads() const { return static_cast<int>(cores_.size()); }

 private:
  void loop();
  void start_pool();

  std::vector<int> cores_;
  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  Job* head_ = nullptr;
  Job* tail_ = nullptr;
  bool stop_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace geomsu::cpu
