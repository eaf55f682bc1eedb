#include "harness/evidence/run_secret.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/evidence/bundle_dir.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kSecretDigits = 64, kMaxSittings = 1u << 16;
constexpr char kSittingMark = '+';

std::string words(int error) { return std::generic_category().message(error); }

[[noreturn]] void refuse(ErrorCode code, const fs::path& path, std::string message, std::string next = {}) {
  throw Error(code, std::move(message), path.string(), std::move(next));
}

}  // namespace

fs::path bare_path(const fs::path& bundle) {
  const fs::path normal = fs::absolute(bundle).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

fs::path secret_path(const fs::path& bundle) { return {bare_path(bundle).string() + ".secret"}; }

// O_EXCL and 0600 from the first instant: nobody else may know a seed before it is used.
void write_secret(const fs::path& dir, const Secret& secret) {
  const fs::path path = secret_path(dir);
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.get() < 0) {
    refuse(ErrorCode::kCannotCreate, path, "secret of the run cannot be created: " + words(errno),
           errno == EEXIST ? "it is of an earlier run; remove it, or name another directory" : "");
  }
  const std::string hex = to_hex(secret);
  if (::write(fd.get(), hex.data(), hex.size()) != static_cast<ssize_t>(hex.size()) || ::fsync(fd.get()) != 0) {
    const int error = errno;
    ::unlink(path.c_str());
    refuse(ErrorCode::kIo, path, "secret of the run cannot be written: " + words(error));
  }
}

// 64 digits, and a mark for each sitting after the first: a byte, so that none is ever half written.
KeptSecret read_secret(const fs::path& dir) {
  const fs::path path = secret_path(dir);
  try {
    const std::string text = read_file(path, kSecretDigits + kMaxSittings);
    const std::string_view marks = std::string_view(text).substr(std::min(kSecretDigits, text.size()));
    if (marks.find_first_not_of(kSittingMark) != std::string_view::npos)
      throw Error(ErrorCode::kBadData, "more than digits and marks of sittings stands in it");
    return {secret_from_hex(std::string_view(text).substr(0, kSecretDigits)),
            static_cast<std::uint32_t>(1 + marks.size())};
  } catch (const Error& error) {
    refuse(error.code(), path, "secret of the run: " + error.message(),
           "without it the seeds cannot be made again: begin a new run");
  }
}

void mark_sitting(const fs::path& dir) {
  const fs::path path = secret_path(dir);
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0 || ::write(fd.get(), &kSittingMark, 1) != 1 || ::fsync(fd.get()) != 0) {
    refuse(ErrorCode::kIo, path, "a new sitting of the run cannot be marked: " + words(errno),
           "free space, then go on with --resume");
  }
}

void remove_spent_secret(const fs::path& sealed_bundle) {
  const fs::path path = secret_path(sealed_bundle);
  if (!fs::exists(fs::symlink_status(path))) return;
  const BundleDir dir(bare_path(sealed_bundle));
  if (to_hex(read_secret(sealed_bundle).secret) == dir.read("run_secret.hex")) ::unlink(path.c_str());
}

}  // namespace geomsu
