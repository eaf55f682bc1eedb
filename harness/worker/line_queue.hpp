// Lines of a descriptor, read by a thread of its own so that a request can be seen while a load runs.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace geomsu::worker {

class LineQueue {
 public:
  explicit LineQueue(int descriptor);  // not owned
  ~LineQueue();
  LineQueue(const LineQueue&) = delete;
  LineQueue& operator=(const LineQueue&) = delete;

  std::optional<std::string> pop();      // waits; nothing at the end of the input
  std::optional<std::string> try_pop();  // never waits
  bool ended();                          // the input has ended and every line was popped
  bool overflowed();                     // it ended because a line was over protocol::kMaxLineBytes

 private:
  void read_lines(std::stop_token stop);

  int descriptor_, wake_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> lines_;
  bool ended_ = false, overflowed_ = false;
  std::jthread reader_;
};

}  // namespace geomsu::worker
