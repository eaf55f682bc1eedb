#include "harness/protocol/framing.hpp"

#include <algorithm>

namespace geomsu::protocol {
namespace {
constexpr std::size_t kKeptOfOverlong = 4096;
constexpr std::size_t kCompactAt = 1u << 16;
}  // namespace

void LineBuffer::push(std::string_view bytes) {
  if (overflowed_) return;
  if (start_ >= kCompactAt) {
    buffer_.erase(0, start_);
    tail_ -= start_;
    start_ = 0;
  }
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    const std::size_t before = buffer_.size() - tail_;
    if (before + piece.size() > limit_) {
      overflowed_ = true;
      const std::size_t keep = std::min(limit_, kKeptOfOverlong);
      if (before < keep) buffer_.append(piece.substr(0, keep - before));
      buffer_.resize(tail_ + std::min(keep, buffer_.size() - tail_));
      return;
    }
    buffer_.append(piece);
    if (end == std::string_view::npos) return;
    buffer_.push_back('\n');
    tail_ = buffer_.size();
    bytes.remove_prefix(end + 1);
  }
}

std::optional<std::string> LineBuffer::pop() {
  if (start_ >= tail_) return std::nullopt;
  const std::size_t end = buffer_.find('\n', start_);
  std::string line = buffer_.substr(start_, end - start_);
  start_ = end + 1;
  return line;
}

}  // namespace geomsu::protocol
