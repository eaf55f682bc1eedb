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
  std::optional<std::string> pop();      // the next whole line without '\n'
  bool overflowed() const { return overflowed_; }  // a line grew past the limit: nothing after it can be trusted
  std::string_view partial() const { return buffer_; }

 private:
  std::string buffer_;
  std::size_t limit_, start_ = 0, scanned_ = 0;
  bool overflowed_ = false;
};

}  // namespace geomsu::protocol
