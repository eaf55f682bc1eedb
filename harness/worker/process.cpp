#include "harness/worker/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/base/error.hpp"

namespace geomsu::worker {
namespace {
int checked(int result, const char* what) {
  if (result < 0) throw Error(ErrorCode::kIo, fmt::format("{}: {}", what, std::strerror(errno)), "geomsu-worker");
  return result;
}
}  // namespace

Channel take_over_stdio() {
  constexpr int kAboveStandard = 3;
  Channel channel;
  channel.input = checked(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, kAboveStandard), "cannot keep stdin");
  channel.output = checked(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, kAboveStandard), "cannot keep stdout");
  checked(dup2(STDERR_FILENO, STDOUT_FILENO), "cannot point stdout at stderr");
  const int null = checked(open("/dev/null", O_RDONLY | O_CLOEXEC), "cannot open /dev/null");
  checked(dup2(null, STDIN_FILENO), "cannot point stdin at /dev/null");
  close(null);
  return channel;
}

void tie_to_parent() {
  checked(prctl(PR_SET_PDEATHSIG, SIGKILL), "cannot ask to die with the parent");
  const rlimit none = {0, 0};
  checked(setrlimit(RLIMIT_CORE, &none), "cannot forbid core dumps");
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace geomsu::worker
