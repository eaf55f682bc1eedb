// The thread on which all collectives of a process run, one after the other, so that submit never blocks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace geomsu::mpi {

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
  Executor();
  ~Executor();  // finishes what is queued
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void post(Job& job);
  bool wait(Job& job, std::uint64_t timeout_ns);  // false: not done by then. Rethrows what the job threw.
  void call(const std::function<void()>& work);   // post and wait

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  Job* head_ = nullptr;
  Job* tail_ = nullptr;
  bool stop_ = false;
  std::thread thread_;  // last: it uses the rest
};

// CLOCK_MONOTONIC_RAW in nanoseconds: the device's clock.
std::uint64_t raw_now_ns();

}  // namespace geomsu::mpi
