#include "harness/measure/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/measure/process_tree.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kStderrLimit = 64u << 10;
constexpr std::array kInherited = {
    "PATH",         "HOME",         "TMPDIR",        "LD_LIBRARY_PATH",   "CUDA_VISIBLE_DEVICES",
    "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "OPENBLAS_CORETYPE", "TZ"};
// What a launcher of several processes needs of the job that it stands in, and what an administrator set for it.
constexpr std::array<std::string_view, 4> kInheritedPrefixes = {"SLURM_", "OMPI_", "PMIX_", "PRTE_"};

struct Pipe {
  int read = -1, write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Error(ErrorCode::kUnavailable, fmt::format("cannot make a pipe: {}", std::strerror(errno)), "worker",
                "raise the limit of open files (ulimit -n)");
  }
  return {ends[0], ends[1]};
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

int poll_timeout_ms(std::int64_t deadline_ns) {
  const std::int64_t left = deadline_ns - real_mono_ns();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<std::int64_t>((left + 999'999) / 1'000'000, 60'000));
}

// Blocks SIGPIPE in this thread for a write, and swallows the one that the write may have raised.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &set_, &old_);
  }
  ~SigpipeGuard() {
    if (!was_pending_) {
      const timespec zero{};
      while (sigtimedwait(&set_, nullptr, &zero) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &old_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t set_{}, old_{};
  bool was_pending_ = false;
};

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char* const* argv, char* const* envp, int in, int out, int err, int report, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD, SIGHUP, SIGXFSZ}) ::signal(number, SIG_DFL);
  sigset_t empty;
  sigemptyset(&empty);
  ::sigprocmask(SIG_SETMASK, &empty, nullptr);
  if (::getppid() == parent && ::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(err, 2) >= 0)
    ::execve(argv[0], argv, envp);
  const int error = errno;
  const auto ignored = ::write(report, &error, sizeof error);
  static_cast<void>(ignored);
  ::_exit(127);
}

}  // namespace

std::int64_t real_mono_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

std::map<std::string, std::string> child_environment() {
  std::map<std::string, std::string> environment;
  for (const char* name : kInherited) {
    if (const char* value = std::getenv(name)) environment.emplace(name, value);
  }
  for (char** setting = environ; *setting != nullptr; ++setting) {
    const std::string_view text = *setting;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    if (std::none_of(kInheritedPrefixes.begin(), kInheritedPrefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); })) {
      continue;
    }
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  environment["LC_ALL"] = "C.UTF-8";
  return environment;
}

Child::Child(const std::vector<std::string>& argv) {
  if (argv.empty() || argv[0].empty() || argv[0][0] != '/') {
    throw Error(ErrorCode::kUsage, "a worker's command must begin with an absolute path", argv.empty() ? "" : argv[0],
                "write the whole path in the site file");
  }
  std::vector<std::string> words = argv, settings;
  for (const auto& [name, value] : child_environment()) settings.push_back(name + "=" + value);
  std::vector<char*> arguments, environment;
  for (std::string& word : words) arguments.push_back(word.data());
  for (std::string& setting : settings) environment.push_back(setting.data());
  arguments.push_back(nullptr);
  environment.push_back(nullptr);

  Pipe in = make_pipe(), out = make_pipe(), err = make_pipe(), report = make_pipe();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(arguments.data(), environment.data(), in.read, out.write, err.write, report.write, parent);
  const int fork_error = errno;
  close_fd(in.read);
  close_fd(out.write);
  close_fd(err.write);
  close_fd(report.write);
  in_ = in.write;
  out_ = out.read;
  err_ = err.read;
  int exec_error = pid_ < 0 ? fork_error : 0;
  if (pid_ > 0) {
    ::setpgid(pid_, pid_);
    while (::read(report.read, &exec_error, sizeof exec_error) == -1 && errno == EINTR) {
    }
  }
  close_fd(report.read);
  if (pid_ < 0 || exec_error != 0) {
    if (pid_ > 0) kill_group();
    close_fd(in_);
    close_fd(out_);
    close_fd(err_);
    throw Error(ErrorCode::kUnavailable, fmt::format("cannot start the worker: {}", std::strerror(exec_error)), argv[0],
                "check that the file exists, is executable and that its interpreter is installed");
  }
  ::fcntl(in_, F_SETFL, O_NONBLOCK);
  ::fcntl(out_, F_SETFL, O_NONBLOCK);
  ::fcntl(err_, F_SETFL, O_NONBLOCK);
}

Child::~Child() {
  kill_group();
  close_fd(in_);
  close_fd(out_);
  close_fd(err_);
}

bool Child::write(std::string_view bytes, std::int64_t deadline_mono_ns) {
  const SigpipeGuard guard;
  while (!bytes.empty()) {
    const ssize_t written = ::write(in_, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return false;
    pollfd wait{in_, POLLOUT, 0};
    if (::poll(&wait, 1, poll_timeout_ms(deadline_mono_ns)) == 0 && real_mono_ns() >= deadline_mono_ns) return false;
  }
  return true;
}

void Child::close_input() { close_fd(in_); }

void Child::drain_stderr() {
  std::array<char, 4096> chunk{};
  while (err_ >= 0) {
    const ssize_t got = ::read(err_, chunk.data(), chunk.size());
    if (got > 0) {
      const std::size_t room = kStderrLimit - std::min(kStderrLimit, stderr_.size());
      const auto size = static_cast<std::size_t>(got);
      stderr_.append(chunk.data(), std::min(room, size));
      stderr_dropped_ += size - std::min(room, size);
    } else if (got == 0) {
      close_fd(err_);
    } else if (errno != EINTR) {
      return;
    }
  }
}

Child::Ready Child::read(std::string& out, std::int64_t deadline_mono_ns) {
  std::array<char, 64u << 10> chunk{};
  for (;;) {
    const ssize_t got = ::read(out_, chunk.data(), chunk.size());
    if (got > 0) {
      out.append(chunk.data(), static_cast<std::size_t>(got));
      drain_stderr();
      return Ready::kData;
    }
    if (got == 0) {
      drain_stderr();
      return Ready::kClosed;
    }
    if (errno == EINTR) continue;
    std::array<pollfd, 2> wait{{{out_, POLLIN, 0}, {err_, POLLIN, 0}}};
    const int ready = ::poll(wait.data(), 2, poll_timeout_ms(deadline_mono_ns));
    if (ready > 0 && wait[1].revents != 0) drain_stderr();
    if (ready <= 0 && real_mono_ns() >= deadline_mono_ns) return Ready::kTimeout;
  }
}

std::string Child::take_stderr() {
  drain_stderr();
  std::string text = std::move(stderr_);
  stderr_.clear();
  if (stderr_dropped_ > 0) text += fmt::format("\n[{} further bytes dropped]", stderr_dropped_);
  stderr_dropped_ = 0;
  return text;
}

bool Child::wait_exit(std::int64_t deadline_mono_ns) {
  while (!reaped_) {
    const pid_t done = ::waitpid(pid_, &status_, WNOHANG);
    if (done == pid_ || (done < 0 && errno != EINTR)) {
      reaped_ = true;
    } else if (real_mono_ns() >= deadline_mono_ns) {
      return false;
    } else {
      ::usleep(1000);
    }
  }
  return true;
}

void Child::kill_group() {
  if (pid_ <= 0 || signalled_) return;
  signalled_ = true;
  // The group outlives its leader where the worker left children: they go too. A reaped leader's id may only be reused
  // once its group is gone, so the signal cannot reach strangers while the group still has members.
  if (!reaped_) {
    // A launcher's processes are in groups of their own, and may live on without it.
    const std::vector<pid_t> tree = process_tree(pid_);
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    for (const pid_t pid : tree) ::kill(pid, SIGKILL);
    while (::waitpid(pid_, &status_, 0) == -1 && errno == EINTR) {
    }
    reaped_ = true;
  } else {
    ::kill(-pid_, SIGKILL);
  }
}

std::string Child::end_words() {
  if (!reaped_) wait_exit(real_mono_ns() + 200'000'000);
  if (!reaped_) return "still running";
  if (WIFSIGNALED(status_))
    return fmt::format("killed by signal {} ({})", WTERMSIG(status_), ::strsignal(WTERMSIG(status_)));
  return fmt::format("exited with status {}", WEXITSTATUS(status_));
}

}  // namespace geomsu
