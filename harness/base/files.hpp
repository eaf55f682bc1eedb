// Files, written so that a power cut leaves the old or the new content and never half of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace geomsu {

// Whole file. Error kNoInput where it is missing, kIo where it cannot be read, kBadData where it is over `limit_bytes`.
std::string read_file(const std::filesystem::path& path, std::uint64_t limit_bytes = 64u << 20);

// Write, fsync, rename over, fsync the directory. Error kCannotCreate or kIo (disk full) with the path and errno's words.
void write_file_atomic(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0644);

// Append-only file whose every append is on the disk when the call returns.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);  // creates; opens at the end
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  void append(std::string_view bytes, bool sync = true);  // Error kIo; a short write is taken back by ftruncate
  std::uint64_t size() const { return size_; }

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace geomsu
