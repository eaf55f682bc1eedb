// A child process in its own process group, with pipes to its stdin, stdout and stderr. It dies when we die.
//
// Danger: PR_SET_PDEATHSIG fires when the *thread* that forked ends, so children are started by the thread that
// outlives them (the caller of run_plan and take_inventory), never by the short-lived threads of a trial.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace geomsu {

// What a child may inherit: the allow-list, from this process's environment.
std::map<std::string, std::string> child_environment();

class Child {
 public:
  // argv[0] is an absolute path. Error kUnavailable with errno's words where it cannot be executed.
  explicit Child(const std::vector<std::string>& argv);
  ~Child();  // kills the group and reaps
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // False where the child no longer reads. Never raises SIGPIPE. Gives up at deadline_mono_ns (real CLOCK_MONOTONIC).
  bool write(std::string_view bytes, std::int64_t deadline_mono_ns);
  void close_input();  // the child reads the end of its stdin
  enum class Ready { kData, kClosed, kTimeout };
  // Waits until stdout has something, and appends it to `out` (at most 256 KiB a call); stderr is gathered meanwhile.
  Ready read(std::string& out, std::int64_t deadline_mono_ns);
  std::string take_stderr();  // what has come so far, bounded

  void kill_group();        // SIGKILL to all of the group, then reap
  std::string end_words();  // "killed by signal 11 (Segmentation fault)", "exited with status 3", "still running"
  bool wait_exit(std::int64_t deadline_mono_ns);
  pid_t pid() const { return pid_; }

 private:
  void drain_stderr();
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  bool reaped_ = false, signalled_ = false;
  int status_ = 0;
  std::string stderr_;
  std::size_t stderr_dropped_ = 0;
};

std::int64_t real_mono_ns();  // for deadlines: a watchdog never runs on scripted time

}  // namespace geomsu
