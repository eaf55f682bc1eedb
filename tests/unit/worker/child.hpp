// A child process that speaks lines, ended with the object. For tests alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/protocol/codec.hpp"

namespace geomsu::worker::test {

class Child {
 public:
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  void send(const std::string& line);
  void close_input();
  std::optional<std::string> line();  // nothing at the end of its output, or after a minute
  // Sends and waits for the reply, counting the notifications between.
  protocol::Result ask(const protocol::Request& request);
  int notifications() const { return notifications_; }
  int wait();            // its wait status
  std::string errors();  // what it wrote to stderr so far

 private:
  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  std::string buffer_, errors_path_;
  std::int64_t next_id_ = 1;
  int notifications_ = 0;
};

}  // namespace geomsu::worker::test
