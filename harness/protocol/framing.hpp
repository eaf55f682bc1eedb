// Cuts a byte stream into lines of bounded length.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu::protocol {

class LineBuffer {
 public:
  explicit LineBuffer(std::size_t limit_bytes) : limit_(limit_bytes) {}
  void push(std::string_view bytes);
  std::optional<std::string> pop();  // the next whole line without '\n'
  // A line grew past the limit: nothing after it can be trusted, and nothing after it is kept. Lines before it still
  // pop.
  bool overflowed() const { return overflowed_; }
  // What no '\n' has ended yet; after an overflow the beginning of the line that was too long.
  std::string_view partial() const { return std::string_view(buffer_).substr(tail_); }

 private:
  std::string buffer_;
  std::size_t limit_;
  std::size_t start_ = 0;  // of the next line to pop
  std::size_t tail_ = 0;   // past the last '\n'
  bool overflowed_ = false;
};

}  // namespace geomsu::protocol
