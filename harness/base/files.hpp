// Files, written so that a power cut leaves the old or the new content and never half of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace geomsu {

// Whole file. Error kNoInput where it is missing, kIo where it cannot be read, kBadData where it is over `limit_bytes`.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit_bytes = 64u << 20);

// Write, fsync, rename over, fsync the directory. Error kCannotCreate or kIo (disk full) with the path and errno's
// words; the old content is then whole and nothing is left beside it. A symbolic link is followed; what is not a
// regular file is refused.
void write_file_atomic(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0644);

// Append-only file whose every append is on the disk when the call returns.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);  // creates; opens at the end
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  // Error kIo. A short write is taken back by ftruncate, so that the file ends with a whole record. Where it cannot be
  // taken back, and after an fsync that failed (the kernel then drops the dirty pages and the next fsync says nothing
  // of it), every later append is refused.
  void append(std::string_view bytes, bool sync = true);
  std::uint64_t size() const { return size_; }

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  bool broken_ = false;
};

}  // namespace geomsu
