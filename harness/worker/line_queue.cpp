#include "harness/worker/line_queue.hpp"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/protocol/framing.hpp"
#include "harness/protocol/messages.hpp"

namespace geomsu::worker {
namespace {
constexpr std::size_t kReadBytes = 1u << 16;
constexpr std::size_t kMostWaiting = 4;  // one request is in flight; whoever sends more waits in the pipe
}  // namespace

LineQueue::LineQueue(int descriptor) : descriptor_(descriptor), wake_(eventfd(0, EFD_CLOEXEC)) {
  if (wake_ < 0) throw Error(ErrorCode::kIo, fmt::format("cannot make an eventfd: error {}", errno));
  reader_ = std::jthread([this](std::stop_token stop) { read_lines(std::move(stop)); });
}

LineQueue::~LineQueue() {
  reader_.request_stop();
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t woken = write(wake_, &one, sizeof one);
  if (reader_.joinable()) reader_.join();
  close(wake_);
}

void LineQueue::read_lines(std::stop_token stop) {
  protocol::LineBuffer buffer(protocol::kMaxLineBytes);
  std::vector<char> bytes(kReadBytes);
  while (!stop.stop_requested() && !buffer.overflowed()) {
    std::array<pollfd, 2> waiting = {pollfd{descriptor_, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) break;
    if (waiting[0].revents == 0) continue;
    const ssize_t got = read(descriptor_, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    buffer.push({bytes.data(), static_cast<std::size_t>(got)});
    while (auto line = buffer.pop()) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return lines_.size() < kMostWaiting; })) break;
      lines_.push_back(std::move(*line));
      changed_.notify_all();
    }
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  overflowed_ = buffer.overflowed();
  changed_.notify_all();
}

std::optional<std::string> LineQueue::try_pop() {
  const std::lock_guard lock(mutex_);
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  changed_.notify_all();
  return line;
}

std::optional<std::string> LineQueue::pop() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !lines_.empty() || ended_; });
  }
  return try_pop();
}

bool LineQueue::ended() {
  const std::lock_guard lock(mutex_);
  return ended_ && lines_.empty();
}

bool LineQueue::overflowed() {
  const std::lock_guard lock(mutex_);
  return overflowed_;
}

}  // namespace geomsu::worker
