#include "harness/cli/console.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"

namespace geomsu::cli {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool dumb_terminal() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::strcmp(term, "dumb") == 0;
}

void put(std::FILE* file, std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); }

}  // namespace

Console::Console(const ConsoleOptions& options) : options_(options) {
  out_terminal_ = ::isatty(STDOUT_FILENO) == 1;
  err_terminal_ = ::isatty(STDERR_FILENO) == 1 && !dumb_terminal();
  colour_ = out_terminal_ && !dumb_terminal() && !is_set("NO_COLOR") && !options.json;
}

int Console::columns() const {
  winsize size{};
  const int fd = out_terminal_ ? STDOUT_FILENO : STDERR_FILENO;
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return std::min<int>(size.ws_col, kColumns);
  return kColumns;
}

void Console::out(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_status();
  put(stdout, text);
  draw_status();
}

void Console::err(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_status();
  put(stderr, text);
  if (text.empty() || text.back() != '\n') put(stderr, "\n");
  draw_status();
}

void Console::status(std::string_view line) {
  if (!err_terminal_ || options_.quiet || options_.json) return;
  const std::lock_guard lock(mutex_);
  clear_status();
  status_ = std::string(line);
  draw_status();
}

// The line never wraps (it is clipped to the terminal), so a return and an erase take it away whole. Neither cursor nor
// modes of the terminal are changed: whatever ends the program leaves nothing to restore.
void Console::clear_status() {
  if (!status_.empty()) put(stderr, "\r\x1b[K");
}

void Console::draw_status() {
  if (status_.empty()) return;
  std::fflush(stdout);
  const int room = columns() - 1;
  put(stderr, clip(status_, static_cast<std::size_t>(std::max(room, 10))));
  std::fflush(stderr);
}

void Console::flush() {
  const std::lock_guard lock(mutex_);
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  const int reason = errno;
  if (reason == EPIPE) return;  // the reader had enough; the exit status still tells the verdict
  throw Error(ErrorCode::kIo, std::string("cannot write the result: ") + std::strerror(reason), "stdout",
              "free some space or choose another place for the output");
}

Log::Sink Console::log_sink() {
  return [this](LogLevel level, std::string_view line) {
    if (level >= options_.level) err(line);
  };
}

}  // namespace geomsu::cli
