#include "harness/base/files.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string words(int error) { return std::generic_category().message(error); }

std::string advice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "free space on that disk, or choose another directory";
    case EROFS:
    case EACCES:
    case EPERM:
      return "choose a directory that you may write to";
    case ENOENT:
    case ENOTDIR:
      return "create the directory first";
    default:
      return {};
  }
}

// 0, or errno of the write that failed; a disk may fill up halfway.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

fs::path directory_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// A new name lives in its directory, which must reach the disk as well. Some file systems refuse to sync a directory
// (EINVAL).
void sync_directory(const fs::path& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return;  // a directory that may be written but not listed: nothing to hold on to
  if (::fsync(fd.get()) != 0 && errno != EINVAL) {
    const int error = errno;
    throw Error(ErrorCode::kIo, "directory cannot be synced: " + words(error), directory.string());
  }
}

// Where the bytes will lie: the path itself, or what its symbolic link points to.
fs::path writable_target(const fs::path& path) {
  std::error_code failed;
  fs::path target = path;
  if (fs::is_symlink(fs::symlink_status(path, failed))) {
    target = fs::weakly_canonical(path, failed);
    if (failed) throw Error(ErrorCode::kCannotCreate, "link cannot be followed: " + failed.message(), path.string());
  }
  const fs::file_status status = fs::status(target, failed);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw Error(ErrorCode::kCannotCreate, "is no regular file, and will not be replaced", path.string());
  }
  return target;
}

// Opens a file that nobody else has, beside the target so that the rename stays within one file system.
std::pair<int, fs::path> open_temporary(const fs::path& target, unsigned mode) {
  for (unsigned i = 0;; ++i) {
    fs::path name = directory_of(target) / fmt::format(".{}.{}.{}.tmp", target.filename().string(), ::getpid(), i);
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode));
    if (fd >= 0) return {fd, std::move(name)};
    const int error = errno;
    if (error != EEXIST || i == 10'000) {
      const bool full = error == ENOSPC || error == EDQUOT;
      throw Error(full ? ErrorCode::kIo : ErrorCode::kCannotCreate, "cannot be created: " + words(error),
                  target.string(), advice(error));
    }
  }
}

}  // namespace

std::string read_file(const fs::path& path, std::uint64_t limit_bytes) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    const int error = errno;
    const bool missing = error == ENOENT || error == ENOTDIR;
    throw Error(missing ? ErrorCode::kNoInput : ErrorCode::kIo, "cannot be opened: " + words(error), path.string());
  }
  std::string bytes;
  std::string buffer(std::size_t{1} << 16, '\0');
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      throw Error(ErrorCode::kIo, "cannot be read: " + words(error), path.string());
    }
    if (got == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
    if (bytes.size() > limit_bytes) {
      throw Error(ErrorCode::kBadData, fmt::format("is over the limit of {} bytes", limit_bytes), path.string());
    }
  }
}

void write_file_atomic(const fs::path& path, std::string_view bytes, unsigned mode) {
  const fs::path target = writable_target(path);
  const auto [opened, temporary] = open_temporary(target, mode);
  const Descriptor fd(opened);
  int error = write_all(fd.get(), bytes);
  if (error == 0 && ::fsync(fd.get()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    throw Error(ErrorCode::kIo, "cannot be written: " + words(error), path.string(), advice(error));
  }
  if (::rename(temporary.c_str(), target.c_str()) != 0) {
    error = errno;
    ::unlink(temporary.c_str());
    throw Error(ErrorCode::kCannotCreate, "cannot be put in place: " + words(error), path.string(), advice(error));
  }
  sync_directory(directory_of(target));
}

AppendFile::AppendFile(const fs::path& path) : path_(path) {
  fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  struct stat info {};
  if (fd_ < 0 || ::fstat(fd_, &info) != 0) {
    const int error = errno;
    if (fd_ >= 0) ::close(fd_);
    const bool full = error == ENOSPC || error == EDQUOT;
    throw Error(full ? ErrorCode::kIo : ErrorCode::kCannotCreate, "cannot be created: " + words(error), path.string(),
                advice(error));
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
  try {
    sync_directory(directory_of(path));
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

AppendFile::~AppendFile() { ::close(fd_); }

void AppendFile::append(std::string_view bytes, bool sync) {
  if (broken_) {
    throw Error(ErrorCode::kIo, "an earlier write failed and could not be undone; nothing more is appended",
                path_.string());
  }
  const int error = write_all(fd_, bytes);
  if (error != 0) {
    std::string message = "cannot be appended to: " + words(error);
    if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0) {
      broken_ = true;
      message +=
          fmt::format("; the half-written record after byte {} could not be taken back: {}", size_, words(errno));
    }
    throw Error(ErrorCode::kIo, message, path_.string(), advice(error));
  }
  if (sync && ::fdatasync(fd_) != 0) {
    const int failed = errno;
    broken_ = true;
    const bool taken_back = ::ftruncate(fd_, static_cast<off_t>(size_)) == 0;
    throw Error(ErrorCode::kIo,
                fmt::format("cannot be brought to the disk: {}{}", words(failed),
                            taken_back ? "" : "; and could not be taken back"),
                path_.string(), advice(failed));
  }
  size_ += bytes.size();
}

}  // namespace geomsu
