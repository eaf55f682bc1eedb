#include "harness/evidence/bundle_dir.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"

namespace geomsu {
namespace {

std::string words(int error) { return std::generic_category().message(error); }

// -1 and errno. Kernels before 5.6 and some sandboxes lack openat2; a bare name cannot leave the directory, so that
// O_NOFOLLOW is then enough.
int open_beneath(int directory, const std::string& name) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  open_how how{};
  how.flags = static_cast<decltype(how.flags)>(kFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const long fd = ::syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(fd);
  return ::openat(directory, name.c_str(), kFlags);
}

bool is_bare(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

}  // namespace

std::string list_file_name(std::size_t number) { return fmt::format("delivery-{}.csv", number); }

bool counts_lines(std::string_view name) { return name.ends_with(".jsonl") || name == "run.log"; }

std::uint64_t size_limit(std::string_view name) {
  constexpr std::uint64_t kMebi = 1u << 20;
  if (name == "ticks.bin" || name == "telemetry.jsonl" || name == "run.log") return 16384 * kMebi;  // streamed
  if (name == "trials.jsonl" || name == "verdict.jsonl") return 2048 * kMebi;
  if (name == "plan.json" || name == "verdict.json") return 256 * kMebi;
  if (name == "run_secret.hex") return 64;
  if (name == kSignatureName) return 64 * 1024;
  return 16 * kMebi;
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

void Descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

char* ReadBuffer::at_least(std::size_t bytes) {
  if (bytes_ == nullptr || room_ < bytes) {
    room_ = std::max(bytes, room_ + room_ / 2);
    bytes_ = std::make_unique_for_overwrite<char[]>(room_ + kPadding);
    std::memset(bytes_.get() + room_, 0, kPadding);
  }
  return bytes_.get();
}

BundleDir::BundleDir(const std::filesystem::path& path) : path_(path) {
  fd_ = Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd_.get() >= 0) return;
  const int error = errno;
  if (error == ENOENT) {
    throw Error(ErrorCode::kNoInput, "there is no such directory", path.string(),
                "name the directory that `geomsu run` wrote");
  }
  throw Error(error == ENOTDIR ? ErrorCode::kBadData : ErrorCode::kIo, "cannot be opened as a bundle: " + words(error),
              path.string());
}

std::vector<std::string> BundleDir::names() const {
  const int copy = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
  if (!directory) throw Error(ErrorCode::kIo, "cannot be listed: " + words(errno), path_.string());
  std::vector<std::string> result;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") result.push_back(name);
  }
  std::sort(result.begin(), result.end());
  return result;
}

bool BundleDir::has(std::string_view name) const {
  struct stat info {};
  return ::fstatat(fd_.get(), std::string(name).c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

Descriptor BundleDir::open(std::string_view name, std::uint64_t* size) const {
  if (!is_bare(name)) throw Error(ErrorCode::kInternal, "is no bare file name", where(name));
  Descriptor file(open_beneath(fd_.get(), std::string(name)));
  if (file.get() < 0) {
    const int error = errno;
    if (error == ENOENT) throw Error(ErrorCode::kBadData, "is missing", where(name));
    if (error == ELOOP)
      throw Error(ErrorCode::kBadData, "is a symbolic link, and a bundle holds its files itself", where(name));
    throw Error(error == ENXIO ? ErrorCode::kBadData : ErrorCode::kIo, "cannot be opened: " + words(error),
                where(name));
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw Error(ErrorCode::kIo, "cannot be examined: " + words(errno), where(name));
  if (!S_ISREG(info.st_mode)) throw Error(ErrorCode::kBadData, "is no regular file", where(name));
  *size = static_cast<std::uint64_t>(info.st_size);
  if (*size > size_limit(name)) {
    throw Error(ErrorCode::kBadData, fmt::format("has {} bytes, over the limit of {}", *size, size_limit(name)),
                where(name));
  }
  return file;
}

std::string BundleDir::read(std::string_view name) const {
  ReadBuffer buffer;
  return std::string(read(name, buffer));
}

std::string_view BundleDir::read(std::string_view name, ReadBuffer& buffer) const {
  std::uint64_t size = 0;
  const Descriptor file = open(name, &size);
  char* const bytes = buffer.at_least(static_cast<std::size_t>(size) + 1);  // one more: a file that grew shows itself
  std::size_t have = 0;
  while (have <= size) {
    const ssize_t got = ::read(file.get(), bytes + have, static_cast<std::size_t>(size) + 1 - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ErrorCode::kIo, "cannot be read: " + words(errno), where(name));
    if (got == 0) return {bytes, have};
    have += static_cast<std::size_t>(got);
  }
  throw Error(ErrorCode::kBadData, "grew while it was read", where(name));
}

std::string BundleDir::read(std::string_view name, std::uint64_t offset, std::uint64_t bytes) const {
  std::uint64_t size = 0;
  const Descriptor file = open(name, &size);
  if (offset > size || bytes > size - offset) {
    throw Error(ErrorCode::kBadData,
                fmt::format("ends at byte {}, and {} bytes from {} were to be there", size, bytes, offset),
                where(name));
  }
  std::string result(static_cast<std::size_t>(bytes), '\0');
  std::size_t have = 0;
  while (have < result.size()) {
    const ssize_t got =
        ::pread(file.get(), result.data() + have, result.size() - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ErrorCode::kIo, "cannot be read: " + words(errno), where(name));
    if (got == 0) throw Error(ErrorCode::kBadData, "was cut while it was read", where(name));
    have += static_cast<std::size_t>(got);
  }
  return result;
}

std::uint64_t BundleDir::size(std::string_view name) const {
  std::uint64_t bytes = 0;
  open(name, &bytes);
  return bytes;
}

std::string BundleDir::identity(std::string_view name) const {
  std::uint64_t size = 0;
  const Descriptor file = open(name, &size);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw Error(ErrorCode::kIo, "cannot be examined: " + words(errno), where(name));
  return fmt::format("{}:{}:{}:{}.{}:{}.{}", info.st_dev, info.st_ino, size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                     info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

FileDigest BundleDir::digest(std::string_view name) const {
  std::uint64_t size = 0;
  const Descriptor file = open(name, &size);
  FileDigest digest;
  Sha256 sha;
  std::string buffer(std::size_t{1} << 16, '\0');
  while (true) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(ErrorCode::kIo, "cannot be read: " + words(errno), where(name));
    if (got == 0) break;
    const std::string_view chunk(buffer.data(), static_cast<std::size_t>(got));
    sha.update(chunk);
    digest.bytes += chunk.size();
    digest.lines += static_cast<std::uint64_t>(std::count(chunk.begin(), chunk.end(), '\n'));
    digest.torn = chunk.back() != '\n';
    if (digest.bytes > size_limit(name))
      throw Error(ErrorCode::kBadData, "grew over its limit while it was read", where(name));
  }
  digest.sha256 = sha.finish_hex();
  return digest;
}

void refuse_line(const std::string& where, std::uint64_t line, std::string_view why) {
  throw Error(ErrorCode::kBadData, std::string(why), fmt::format("{}:{}", where, line));
}

}  // namespace geomsu
