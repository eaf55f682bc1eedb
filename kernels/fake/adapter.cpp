// geomsu-fake-adapter MODE METHOD[:N] WORKER [ARGUMENT ...]
//
// Stands between a supervisor and a real worker and passes every line on, until the Nth (default first) reply to
// METHOD: that one it spoils. A bad adapter for tests of whoever reads it. Modes:
//   garbage    a line that is no JSON instead of the reply      oversized  a line of 20 MiB instead of it
//   wrong_id   the reply with another id                        mistyped   a result with nothing in it
//   prints     a line of vendor chatter, then the reply         twice      the reply two times
//   silence    no reply, for ever                               truncated  half of the reply, then it exits
//   exits      exits with status 3 instead                      segv       dies of SIGSEGV instead
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Pipe {
  int read = -1, write = -1;
};
Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    std::perror("geomsu-fake-adapter: pipe");
    std::exit(70);
  }
  return {ends[0], ends[1]};
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Whole lines of a descriptor, '\n' included.
class Lines {
 public:
  explicit Lines(int descriptor) : descriptor_(descriptor) {}
  bool fill() {  // false at the end
    std::array<char, 65536> bytes{};
    const ssize_t got = read(descriptor_, bytes.data(), bytes.size());
    if (got > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
  }
  bool pop(std::string& line) {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) return false;
    line = buffer_.substr(0, end + 1);
    buffer_.erase(0, end + 1);
    return true;
  }

 private:
  int descriptor_;
  std::string buffer_;
};

struct Plan {
  std::string mode, method;
  long countdown = 1;
};

bool known(std::string_view mode) {
  for (const char* name :
       {"garbage", "oversized", "wrong_id", "mistyped", "prints", "twice", "silence", "truncated", "exits", "segv"}) {
    if (mode == name) return true;
  }
  return false;
}

std::string with_id(const std::string& reply, const std::string& new_id) {
  const std::string key = "\"id\":";
  const std::size_t at = reply.find(key);
  if (at == std::string::npos) return reply;
  const std::size_t end = reply.find_first_of(",}", at);
  return reply.substr(0, at + key.size()) + new_id + reply.substr(end);
}

std::string id_of(const std::string& reply) {
  const std::size_t at = reply.find("\"id\":");
  if (at == std::string::npos) return "0";
  return reply.substr(at + 5, reply.find_first_of(",}", at) - at - 5);
}

// What goes out instead of the reply.
std::string spoilt(const std::string& mode, const std::string& reply) {
  if (mode == "garbage") return "%$#! this is no JSON \x1b[31m\n";
  if (mode == "oversized") return std::string(20u << 20, 'x') + "\n";
  if (mode == "wrong_id") return with_id(reply, id_of(reply) + "7");
  if (mode == "mistyped") return with_id("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"status\":0}}\n", id_of(reply));
  if (mode == "prints") return "NCCL INFO Bootstrap : Using eth0\n" + reply;
  if (mode == "twice") return reply + reply;
  if (mode == "truncated") return reply.substr(0, reply.size() / 2);
  return {};
}

constexpr int kWorkerEnded = -1;

int relay(const Plan& plan, int to_worker, int from_worker) {
  Lines requests(STDIN_FILENO), replies(from_worker);
  long left = plan.countdown;
  bool spoil_next = false;
  std::string line;
  std::array<pollfd, 2> waiting = {pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{from_worker, POLLIN, 0}};
  while (true) {
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return 70;
    if (waiting[0].revents != 0 && !requests.fill()) {
      close(to_worker);
      waiting[0].fd = -1;
    }
    while (requests.pop(line)) {
      if (line.find("\"method\":\"" + plan.method + "\"") != std::string::npos && --left == 0) spoil_next = true;
      if (!write_all(to_worker, line)) return 70;
    }
    if (waiting[1].revents != 0 && !replies.fill()) return kWorkerEnded;
    while (replies.pop(line)) {
      const bool reply = line.find("\"id\":") != std::string::npos && line.find("\"method\":") == std::string::npos;
      if (!spoil_next || !reply) {
        if (!write_all(STDOUT_FILENO, line)) return 0;
        continue;
      }
      spoil_next = false;
      if (plan.mode == "segv") std::raise(SIGSEGV);
      if (plan.mode == "exits") return 3;
      if (!write_all(STDOUT_FILENO, spoilt(plan.mode, line))) return 0;
      if (plan.mode == "truncated") return 3;
    }
  }
}
}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || !known(argv[1])) {
    std::fputs("usage: geomsu-fake-adapter MODE METHOD[:N] WORKER [ARGUMENT ...]\n", stderr);
    return 64;
  }
  Plan plan{argv[1], argv[2], 1};
  if (const std::size_t colon = plan.method.find(':'); colon != std::string::npos) {
    plan.countdown = std::strtol(plan.method.c_str() + colon + 1, nullptr, 10);
    plan.method.resize(colon);
  }
  std::signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const Pipe down = make_pipe(), up = make_pipe();
  const pid_t worker = fork();
  if (worker == 0) {
    dup2(down.read, STDIN_FILENO);
    dup2(up.write, STDOUT_FILENO);
    execv(argv[3], argv + 3);
    std::perror("geomsu-fake-adapter: exec");
    _exit(127);
  }
  close(down.read);
  close(up.write);
  const int status = relay(plan, down.write, up.read);
  close(down.write);
  if (status != kWorkerEnded) kill(worker, SIGKILL);
  int ended = 0;
  waitpid(worker, &ended, 0);
  if (status != kWorkerEnded) return status;
  return WIFEXITED(ended) ? WEXITSTATUS(ended) : 70;  // the end of a worker that ended by itself is passed on, too
}
