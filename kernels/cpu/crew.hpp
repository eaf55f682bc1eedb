// The threads of a group of devices: a thread a core, pinned to it, asleep between tasks. Each task is run by all of
// them at once; OpenMP has no part in it, so several groups may be at work in one process.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace geomsu::cpu {

// Where a thread sits: the `place`-th of the `width` threads of device `rank`, the `index`-th of all.
struct Seat {
  std::uint32_t rank = 0, place = 0, width = 0, index = 0;
};

// What all threads do together. The owner keeps it alive until it is done; queueing it neither blocks nor allocates.
class Task {
 public:
  virtual ~Task() = default;
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

 protected:
  virtual void do_run(const Seat& seat) = 0;
  // A seat's do_run has thrown: the others must not wait for it. Called from that seat's thread.
  virtual void do_stop() {}

 private:
  friend class Crew;
  Task* next_ = nullptr;
  std::size_t running_ = 0;  // seats that have not ended yet
  bool done_ = false;
  std::exception_ptr failure_;  // of the seat that threw first
};

class Crew {
 public:
  // cores[rank]: the kernel's numbers, one or more a rank. Failure where a thread cannot be pinned.
  explicit Crew(std::vector<std::vector<int>> cores);
  ~Crew();  // finishes what is queued
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  void post(Task& task);
  bool wait(Task& task, std::uint64_t timeout_ns);          // false: not done by then. Rethrows what a seat threw.
  void call(const std::function<void(const Seat&)>& work);  // on every seat; post and wait
  void call(std::uint32_t rank, const std::function<void(const Seat&)>& work);  // on every seat of a rank

  std::uint32_t ranks() const { return static_cast<std::uint32_t>(cores_.size()); }
  std::uint32_t width(std::uint32_t rank) const { return static_cast<std::uint32_t>(cores_[rank].size()); }
  std::size_t seats() const { return threads_.size(); }
  bool cores_are_shared() const { return shared_; }  // two seats on one core

 private:
  void loop(Seat seat);
  void start();
  void finish(Task& task);  // the mutex is held

  std::vector<std::vector<int>> cores_;
  bool shared_ = false;
  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  Task* head_ = nullptr;  // at work, then those that wait
  Task* tail_ = nullptr;
  std::uint64_t turn_ = 0;  // tasks begun
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace geomsu::cpu
