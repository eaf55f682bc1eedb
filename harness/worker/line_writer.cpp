#include "harness/worker/line_writer.hpp"

#include <cerrno>
#include <string>

#include <unistd.h>

namespace geomsu::worker {

bool LineWriter::write(std::string_view line) {
  std::string bytes(line);
  bytes.push_back('\n');
  std::string_view rest = bytes;
  const std::lock_guard lock(mutex_);
  while (!broken_ && !rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written > 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      broken_ = true;
    }
  }
  return !broken_;
}

}  // namespace geomsu::worker
