// Whole lines onto a descriptor, from any thread.
#pragma once

#include <mutex>
#include <string_view>

namespace geomsu::worker {

class LineWriter {
 public:
  explicit LineWriter(int descriptor) : descriptor_(descriptor) {}  // not owned
  // False once the reader is gone; nothing is written after that. SIGPIPE must be ignored by the program.
  bool write(std::string_view line);

 private:
  std::mutex mutex_;
  int descriptor_;
  bool broken_ = false;
};

}  // namespace geomsu::worker
