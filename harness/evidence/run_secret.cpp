#include "harness/evidence/run_secret.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/evidence/bundle_dir.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

std::string words(int error) { return std::generic_category().message(error); }

}  // namespace

fs::path secret_path(const fs::path& dir) { return fs::path(dir.string() + ".secret"); }

// O_EXCL and 0600 from the first instant: nobody else may know a seed before it is used.
void write_secret(const fs::path& dir, const Secret& secret) {
  const fs::path path = secret_path(dir);
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.get() < 0) {
    const int error = errno;
    throw Error(ErrorCode::kCannotCreate, "secret of the run cannot be created: " + words(error), path.string(),
                error == EEXIST ? "it is of an earlier run; remove it, or name another directory" : "");
  }
  const std::string hex = to_hex(secret);
  if (::write(fd.get(), hex.data(), hex.size()) != static_cast<ssize_t>(hex.size()) || ::fsync(fd.get()) != 0) {
    const int error = errno;
    ::unlink(path.c_str());
    throw Error(ErrorCode::kIo, "secret of the run cannot be written: " + words(error), path.string());
  }
}

Secret read_secret(const fs::path& dir) {
  const fs::path path = secret_path(dir);
  try {
    return secret_from_hex(read_file(path, 64));
  } catch (const Error& error) {
    throw Error(error.code(), "secret of the run: " + error.message(), path.string(),
                "without it the seeds cannot be made again: begin a new run");
  }
}

}  // namespace geomsu
